namespace Notary.Evidence;

/// <summary>C2SP tlog-cosignature, cosignature/v1: a witness says that at this time it knew no larger tree of the log, and none that contradicts it.</summary>
/// <remarks>The curve is not in the framework: who holds or checks a key brings Ed25519 himself.</remarks>
/// <param name="Seconds">When, in seconds since 1970.</param>
/// <param name="Signature">Ed25519 over <see cref="Message"/>, 64 bytes.</param>
public sealed record Cosignature(long Seconds, byte[] Signature)
{
    /// <summary>Bytes of an Ed25519 signature (RFC 8032 §5.1.6).</summary>
    public const int SignatureBytes = 64;

    /// <summary>What is signed.</summary>
    /// <param name="seconds">Not negative.</param>
    /// <param name="body">The checkpoint's text, its last newline included.</param>
    public static byte[] Message(long seconds, string body)
        => Encoding.UTF8.GetBytes($"cosignature/v1\ntime {seconds.ToString(CultureInfo.InvariantCulture)}\n{body}");

    /// <summary>Reads what follows the key id in a signature line; false when it is of another kind.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out Cosignature cosignature)
    {
        cosignature = new Cosignature(0, []);
        if (bytes.Length != sizeof(long) + SignatureBytes || BinaryPrimitives.ReadInt64BigEndian(bytes) is var seconds && seconds < 0)
            return false;

        cosignature = new Cosignature(seconds, bytes[sizeof(long)..].ToArray());
        return true;
    }

    /// <summary>The signature line, ended by a newline, to be put under the note.</summary>
    /// <param name="witness">Of type <see cref="VerifierKey.CosignatureV1"/>.</param>
    public string ToLine(VerifierKey witness)
    {
        var seconds = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(seconds, Seconds);
        return $"— {witness.Name} {Convert.ToBase64String([.. witness.Id, .. seconds, .. Signature])}\n";
    }
}
