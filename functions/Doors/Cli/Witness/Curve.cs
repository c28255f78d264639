using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Notary.Cli;

/// <summary>Ed25519 (RFC 8032), which the framework does not have.</summary>
internal static class Curve
{
    public static byte[] PublicOf(byte[] seed)
    {
        var key = new byte[VerifierKey.Ed25519Bytes];
        Ed25519.GeneratePublicKey(seed, 0, key, 0);
        return key;
    }

    public static byte[] Sign(byte[] seed, byte[] message)
    {
        var signature = new byte[Cosignature.SignatureBytes];
        Ed25519.Sign(seed, 0, message, 0, message.Length, signature, 0);
        return signature;
    }

    public static bool Verify(byte[] key, byte[] message, byte[] signature)
        => signature.Length == Cosignature.SignatureBytes && key.Length == VerifierKey.Ed25519Bytes
            && Ed25519.Verify(signature, 0, key, 0, message, 0, message.Length);

    /// <summary>The body of a note that this key signed as a log's; null when it did not, or when one of its signatures is bad.</summary>
    public static string? SignedBy(VerifierKey log, string note)
    {
        if (log.Type == VerifierKey.Ecdsa)
            return SignedNote.TryVerify(note, log.Name, log.Key, out var text) ? text : null;

        return log.Type == VerifierKey.Ed25519 && SignedNote.TrySignatures(note, log, out var body, out var signatures) && signatures.Count > 0
            && signatures.All(one => Verify(log.Key, Encoding.UTF8.GetBytes(body), one)) ? body : null;
    }

    /// <summary>When the witness cosigned the note, in seconds since 1970; null when it did not, or when one of its signatures is bad.</summary>
    public static long? CosignedBy(VerifierKey witness, string note)
    {
        if (witness.Type != VerifierKey.CosignatureV1 || !SignedNote.TrySignatures(note, witness, out var body, out var signatures))
            return null;

        long? latest = null;
        foreach (var bytes in signatures)
        {
            if (!Cosignature.TryParse(bytes, out var one) || !Verify(witness.Key, Cosignature.Message(one.Seconds, body), one.Signature))
                return null;

            latest = long.Max(latest ?? 0, one.Seconds);
        }

        return latest;
    }
}
