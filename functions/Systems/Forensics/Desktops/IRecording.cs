namespace Notary.Forensics.Desktops;

/// <summary>A session's recording (docs/forensics-format.md §2), wherever it lies.</summary>
public interface IRecording
{
    /// <summary>Names of its files, in no order.</summary>
    Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancel);

    /// <summary>Whether a file is there, and whole.</summary>
    Task<bool> HasAsync(string name, CancellationToken cancel);

    /// <summary>Reads a file from <paramref name="offset"/> on; the chain while it grows, as far as it goes.</summary>
    /// <returns>Null when it is not there.</returns>
    Task<Stream?> OpenAsync(string name, long offset, CancellationToken cancel);

    /// <summary>Puts a file beside it. MUST show no part of it before it is whole; the same file again is no error.</summary>
    Task WriteAsync(string name, byte[] bytes, CancellationToken cancel);
}

/// <summary>Reading what must be there.</summary>
internal static class Recordings
{
    /// <exception cref="FaultException"><see cref="Fault.EvidenceInvalid"/>: it is not there, or has more bytes.</exception>
    public static async Task<byte[]> ReadAsync(this IRecording recording, string name, int most, CancellationToken cancel)
    {
        await using var file = await DemandAsync(recording, name, cancel).ConfigureAwait(false);
        var buffer = new byte[most + 1];
        var read = await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel).ConfigureAwait(false);
        return read <= most ? buffer[..read] : throw new FaultException(Fault.EvidenceInvalid, $"{name} of a recording is larger than any");
    }

    /// <exception cref="FaultException"><see cref="Fault.EvidenceInvalid"/>: it is not there.</exception>
    public static async Task<Stream> DemandAsync(this IRecording recording, string name, CancellationToken cancel)
        => await recording.OpenAsync(name, 0, cancel).ConfigureAwait(false)
            ?? throw new FaultException(Fault.EvidenceInvalid, $"{name} of a recording is gone");
}
