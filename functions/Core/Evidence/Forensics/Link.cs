using Notary.Evidence.Draws;

namespace Notary.Evidence.Forensics;

/// <summary>A link of the chain: what a recorder signs (docs/forensics-format.md §3).</summary>
/// <param name="N">From 0.</param>
/// <param name="Previous">SHA-256 of the link before; zeros for the first.</param>
/// <param name="Written">When.</param>
/// <param name="Body">What it seals.</param>
public sealed record Link(long N, Digest Previous, Arrival Written, LinkBody Body)
{
    /// <summary>The word for <see cref="Body"/>.</summary>
    public string Kind => LinkJson.Kind(Body);

    /// <summary>The canonical bytes, which are signed and hashed.</summary>
    public byte[] ToBytes() => LinkJson.Write(this);

    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>: anything but what <see cref="ToBytes"/> writes, or beyond a bound.</exception>
    public static Link Parse(ReadOnlySpan<byte> bytes) => DrawJson.Read(bytes, "the link", ForensicsFormat.MaxLine, LinkJson.Read, LinkJson.Write);
}
