namespace Notary.Evidence.Draws;

/// <summary>What turns candidates into handles (docs/draw-format.md §2). Holds the organiser's secret: never logged, never written by what is here.</summary>
public sealed class ListSecret
{
    /// <summary>Bytes of the secret.</summary>
    public const int Size = 32;

    internal const int Domain = 24;

    private static readonly byte[] SaltDomain = Domains.Of("salt");
    private static readonly byte[] HandleDomain = Domains.Of("candidate");

    private readonly byte[] secret;

    /// <summary>Takes exactly 32 bytes.</summary>
    public ListSecret(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
            throw new FaultException(Fault.Malformed, $"a list's secret has {Size} bytes");

        secret = bytes.ToArray();
        Span<byte> block = stackalloc byte[ShaMany.Block];
        Inner = Pad(block, 0x36);
        Outer = Pad(block, 0x5c);
    }

    /// <summary>A new one, from the system's random numbers.</summary>
    public static ListSecret New() => new(RandomNumberGenerator.GetBytes(Size));

    /// <summary>State of HMAC (RFC 2104) after the key's block, before the message and before the inner hash.</summary>
    internal uint[] Inner { get; }

    internal uint[] Outer { get; }

    /// <summary>The 32 bytes, for whoever keeps them.</summary>
    public byte[] ToArray() => [.. secret];

    /// <summary>A candidate's own salt.</summary>
    /// <param name="id">Normalised.</param>
    public Digest Salt(string id)
    {
        Span<byte> message = stackalloc byte[SaltDomain.Length + CandidateText.MaxId];
        var length = SaltMessage(Encoding.UTF8.GetBytes(id), message);
        Span<byte> mac = stackalloc byte[Size];
        HMACSHA256.HashData(secret, message[..length], mac);
        return new Digest(mac);
    }

    /// <summary>The candidate's name in public.</summary>
    /// <param name="salt">His own.</param>
    /// <param name="id">Normalised.</param>
    /// <param name="name">Normalised.</param>
    public static Digest Handle(Digest salt, string id, string name)
    {
        byte[] i = Encoding.UTF8.GetBytes(id), n = Encoding.UTF8.GetBytes(name);
        return Digest.Of([.. HandleDomain, .. salt.ToArray(), (byte)i.Length, .. i, (byte)n.Length, .. n]);
    }

    /// <returns>Bytes written.</returns>
    internal static int SaltMessage(ReadOnlySpan<byte> id, Span<byte> into)
    {
        SaltDomain.CopyTo(into);
        for (var i = 0; i < id.Length; i++)
            into[SaltDomain.Length + i] = id[i] is >= (byte)'a' and <= (byte)'z' ? (byte)(id[i] - 0x20) : id[i];

        return SaltDomain.Length + id.Length;
    }

    /// <summary>What stands before the salt.</summary>
    internal static void HandleStart(Span<byte> into) => HandleDomain.CopyTo(into);

    private uint[] Pad(Span<byte> block, byte pad)
    {
        block.Fill(pad);
        for (var i = 0; i < Size; i++)
            block[i] ^= secret[i];

        return ShaMany.After(ShaMany.Start, block);
    }
}

/// <summary>What every hash of notary-draw/1 begins with: no value of one kind is ever one of another.</summary>
internal static class Domains
{
    public const string Spec = "notary-draw/1";

    public static byte[] Of(string what) => Encoding.ASCII.GetBytes($"{Spec} {what}\0");
}
