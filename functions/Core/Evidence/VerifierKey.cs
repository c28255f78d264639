namespace Notary.Evidence;

/// <summary>C2SP signed-note: a public key as one line, <c>name+id+base64(type ‖ key)</c>.</summary>
/// <param name="Name">As in signature lines; for a log its origin.</param>
/// <param name="Type">One of <see cref="Ed25519"/>, <see cref="Ecdsa"/> and <see cref="CosignatureV1"/>.</param>
/// <param name="Key">32 bytes, or of <see cref="Ecdsa"/> the DER SubjectPublicKeyInfo of a P-256 key.</param>
public sealed record VerifierKey(string Name, byte Type, byte[] Key)
{
    /// <summary>Signature type of a plain Ed25519 signature, as of sum.golang.org.</summary>
    public const byte Ed25519 = 0x01;

    /// <summary>Signature type of ECDSA P-256 over SHA-256, as of this platform's log.</summary>
    public const byte Ecdsa = 0x02;

    /// <summary>Signature type of a witness's timestamped Ed25519 signature (<see cref="Cosignature"/>).</summary>
    public const byte CosignatureV1 = 0x04;

    /// <summary>Bytes of an Ed25519 key, public or private (RFC 8032 §5.1.5).</summary>
    public const int Ed25519Bytes = 32;

    /// <summary>Characters of a line: a name of 255 bytes and a key have room.</summary>
    public const int MaxLength = 1024;

    /// <summary>The four bytes that signature lines begin with.</summary>
    /// <remarks>For ECDSA the name is not part of it.</remarks>
    public byte[] Id => Type == Ecdsa
        ? SignedNote.KeyId(Name, Key)
        : Digest.Of([.. Encoding.UTF8.GetBytes(Name), (byte)'\n', Type, .. Key]).ToArray()[..SignedNote.KeyIdBytes];

    /// <summary>Reads a line in its one spelling.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>: no such line, an id of another key, or a type that is not read here.</exception>
    public static VerifierKey Parse(string line)
    {
        var parts = line.Split('+', 3);
        if (line.Length > MaxLength || parts.Length != 3 || !NoteText.IsKeyName(parts[0]) || !Base64.TryDecode(parts[2], out var bytes) || bytes.Length < 2)
            throw new FaultException(Fault.Malformed, "not a verifier key, name+id+base64");

        var key = new VerifierKey(parts[0], bytes[0], bytes[1..]);
        if (!(key.Type is Ed25519 or CosignatureV1 ? key.Key.Length == Ed25519Bytes : key.Type == Ecdsa))
            throw new FaultException(Fault.Malformed, "a verifier key of a type that is not read: Ed25519, ECDSA P-256 and cosignature/v1 are");

        if (key.Type == Ecdsa)
            new NoteVerifier(key.Name, key.Key).Dispose();

        return key.ToString() == line ? key : throw new FaultException(Fault.Malformed, "a verifier key whose id is not that of its key");
    }

    /// <summary>The line.</summary>
    public override string ToString() => $"{Name}+{Convert.ToHexStringLower(Id)}+{Convert.ToBase64String([Type, .. Key])}";
}
