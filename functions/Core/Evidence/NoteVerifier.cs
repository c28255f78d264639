namespace Notary.Evidence;

/// <summary>Checks notes against one key that is loaded once. Safe for several threads.</summary>
public sealed class NoteVerifier : IDisposable
{
    private readonly string keyName;
    private readonly byte[] keyId;
    private readonly ECDsa key;

    /// <param name="keyName">As in the signature line.</param>
    /// <param name="spki">DER SubjectPublicKeyInfo of a P-256 key.</param>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>: no such key.</exception>
    public NoteVerifier(string keyName, byte[] spki)
    {
        this.keyName = keyName;
        keyId = SignedNote.KeyId(keyName, spki);
        key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(spki, out var read);
            if (read != spki.Length || key.ExportParameters(false).Curve.Oid.Value != "1.2.840.10045.3.1.7")
                throw new CryptographicException("not a P-256 key");
        }
        catch (Exception e) when (e is CryptographicException or PlatformNotSupportedException)
        {
            key.Dispose();
            throw new FaultException(Fault.Malformed, "the log's key is not a P-256 SubjectPublicKeyInfo", e);
        }
    }

    /// <inheritdoc cref="SignedNote.TryVerify"/>
    public bool TryVerify(string note, out string body)
    {
        body = "";
        if (!NoteText.TryParse(note, out var text))
            return false;

        var known = text.Signatures.Where(s => s.KeyName == keyName && s.KeyId.AsSpan().SequenceEqual(keyId)).ToList();
        if (known.Count == 0 || !known.TrueForAll(s => Valid(text.Body, s.Signature)))
            return false;

        body = text.Body;
        return true;
    }

    public void Dispose() => key.Dispose();

    private bool Valid(string text, byte[] signature)
    {
        try
        {
            return EcdsaDer.IsStrict(signature)
                && key.VerifyData(Encoding.UTF8.GetBytes(text), signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
