namespace Notary.Evidence;

/// <summary>C2SP signed-note with signatures of type 0x02: ECDSA P-256 over SHA-256 of the text, ASN.1 DER.</summary>
/// <remarks>For this type the key id is the first four bytes of SHA-256 of the public key's DER SubjectPublicKeyInfo;
/// the key's name is not part of it.</remarks>
public static class SignedNote
{
    /// <summary>Bytes of a whole note: room for the sixteen signatures that a verifier must accept, post-quantum ones included.</summary>
    public const int MaxBytes = 128 * 1024;

    internal const int KeyIdBytes = 4;

    /// <summary>The note: text, blank line, one signature line.</summary>
    /// <param name="body">The text, ended by a newline. What is signed is its UTF-8.</param>
    /// <param name="keyName">Non-empty, without white space or plus sign; for a log its origin.</param>
    /// <param name="keyId4">From <see cref="KeyId"/>.</param>
    /// <param name="signature">ASN.1 DER; see <see cref="FromP1363"/> for the vault's form.</param>
    public static string Format(string body, string keyName, byte[] keyId4, byte[] signature)
    {
        if (!body.EndsWith('\n') || !NoteText.IsKeyName(keyName) || keyId4.Length != KeyIdBytes)
            throw new ArgumentException("a note's text ends in a newline, its key name has no white space or plus sign, its key id four bytes");

        return $"{body}\n— {keyName} {Convert.ToBase64String([.. keyId4, .. signature])}\n";
    }

    /// <summary>Key id of an ECDSA key.</summary>
    /// <param name="keyName">Not used by this signature type; named so that callers need not know.</param>
    /// <param name="spki">DER SubjectPublicKeyInfo.</param>
    public static byte[] KeyId(string keyName, byte[] spki) => Digest.Of(spki).ToArray()[..KeyIdBytes];

    /// <summary>What an ECDSA key signs: SHA-256 of the text's UTF-8.</summary>
    public static Digest SigningDigest(string body) => Digest.Of(Encoding.UTF8.GetBytes(body));

    /// <summary>r‖s of 32 bytes each → ASN.1 DER SEQUENCE of two INTEGERs.</summary>
    public static byte[] FromP1363(ReadOnlySpan<byte> signature64)
    {
        var writer = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteIntegerUnsigned(Minimal(signature64[..32]));
            writer.WriteIntegerUnsigned(Minimal(signature64[32..64]));
        }

        return writer.Encode();
    }

    /// <summary>True when the key of that name and id signed the note. Signatures by other keys are ignored; a bad one by this key refuses the note.</summary>
    /// <param name="body">The text, only on success: an unverified text is not to be read.</param>
    public static bool TryVerify(string note, string keyName, byte[] spki, out string body)
    {
        try
        {
            using var verifier = new NoteVerifier(keyName, spki);
            return verifier.TryVerify(note, out body);
        }
        catch (FaultException)
        {
            body = "";
            return false;
        }
    }

    /// <summary>The text and the signatures under a key's name and id, none of them checked; false when it is no note.</summary>
    /// <param name="body">Not to be believed before one of them is.</param>
    /// <param name="signatures">What follows the key id in each line.</param>
    public static bool TrySignatures(string note, VerifierKey key, out string body, out IReadOnlyList<byte[]> signatures)
    {
        var read = NoteText.TryParse(note, out var text);
        (body, var id) = (text.Body, key.Id);
        signatures = [.. text.Signatures.Where(s => s.KeyName == key.Name && s.KeyId.AsSpan().SequenceEqual(id)).Select(s => s.Signature)];
        return read;
    }

    /// <summary>The first line of a note's text, which says whose key is to be asked; false when it is no note.</summary>
    public static bool TryOrigin(string note, out string origin)
    {
        var read = NoteText.TryParse(note, out var text);
        origin = read ? text.Body.Split('\n')[0] : "";
        return read;
    }

    private static ReadOnlySpan<byte> Minimal(ReadOnlySpan<byte> unsigned)
    {
        var value = unsigned.TrimStart((byte)0);
        return value.IsEmpty ? unsigned[^1..] : value;
    }
}
