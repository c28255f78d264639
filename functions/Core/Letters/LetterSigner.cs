using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Notary.Letters;

/// <summary>Signs rendered letters: PAdES B-T (EN 319 142-1), ECDSA P-256 with SHA-256, with a key that may be remote.</summary>
public sealed class LetterSigner
{
    private readonly IReadOnlyList<X509Certificate2> chain;
    private readonly Func<ReadOnlyMemory<byte>, CancellationToken, Task<byte[]>> sign;
    private readonly Func<Digest, CancellationToken, Task<byte[]>> stamp;
    private readonly byte[] signerSpki;

    /// <param name="chain">The signer's certificate (P-256) first, then its authorities as far as letters shall carry them.</param>
    /// <param name="sign">Signs a SHA-256 digest (32 bytes) with the certificate's key and gives r‖s, 64 bytes (IEEE P1363), as a vault does.</param>
    /// <param name="stamp">
    /// Gives the RFC 3161 TimeStampToken (DER ContentInfo, not the whole response) over a SHA-256 imprint. It must have
    /// verified the token already: the signer puts in what it is given.
    /// </param>
    /// <exception cref="ArgumentException">The chain is empty or its first certificate has no P-256 key.</exception>
    public LetterSigner(
        IReadOnlyList<X509Certificate2> chain,
        Func<ReadOnlyMemory<byte>, CancellationToken, Task<byte[]>> sign,
        Func<Digest, CancellationToken, Task<byte[]>> stamp)
    {
        ArgumentNullException.ThrowIfNull(chain);
        using var key = chain.Count > 0 ? chain[0].GetECDsaPublicKey() : null;
        if (key?.KeySize != 256)
            throw new ArgumentException("the first certificate of the chain needs a P-256 key", nameof(chain));

        (this.chain, this.sign, this.stamp, signerSpki) = (chain, sign, stamp, key.ExportSubjectPublicKeyInfo());
    }

    /// <summary>Signs a letter made by <see cref="LetterRenderer.Render"/>.</summary>
    /// <exception cref="FaultException">
    /// <see cref="Fault.Malformed"/>: not an unsigned letter. <see cref="Fault.SignatureInvalid"/>: the delegate's signature is
    /// not by the certificate's key. <see cref="Fault.TokenInvalid"/>: the token is no DER or too large for the letter.
    /// </exception>
    public async Task<byte[]> SignAsync(byte[] unsigned, CancellationToken cancel = default)
    {
        // 1. Where the signature goes, and what it covers.
        var slot = SignatureSlot.Find(unsigned);
        if (!slot.IsEmpty(unsigned))
            throw new FaultException(Fault.Malformed, "the letter is signed already");

        // 2. Sign the attributes, not the file: the vault sees one digest.
        var cms = LetterCms.Prepare(chain[0], chain, slot.Digest(unsigned));
        var toSign = SHA256.HashData(cms.SignedAttributes());
        var raw = await sign(toSign, cancel).ConfigureAwait(false);
        using (var key = ECDsa.Create())
        {
            key.ImportSubjectPublicKeyInfo(signerSpki, out _);
            if (raw is not { Length: 64 } || !key.VerifyHash(toSign, raw))
                throw new FaultException(Fault.SignatureInvalid, "the letter's signature does not verify under its certificate");
        }

        // 3. B-T: the time-stamp is over the signature's value (EN 319 122-1 §5.3).
        var signature = ToDer(raw);
        var token = await stamp(Digest.Of(signature), cancel).ConfigureAwait(false);
        if (!AsnDecoder.TryReadEncodedValue(token, AsnEncodingRules.DER, out _, out _, out _, out var length) || length != token.Length)
            throw new FaultException(Fault.TokenInvalid, "the time-stamp token is not one DER value");

        // 4. Into the room that was kept for it.
        return slot.Fill(unsigned, (cms with { Signature = signature, TimeStamp = token }).Encode());
    }

    private static byte[] ToDer(ReadOnlySpan<byte> raw)
    {
        var der = new AsnWriter(AsnEncodingRules.DER);
        using (der.PushSequence())
        {
            der.WriteIntegerUnsigned(Trim(raw[..32]));
            der.WriteIntegerUnsigned(Trim(raw[32..]));
        }

        return der.Encode();
    }

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> value)
    {
        while (value.Length > 1 && value[0] == 0)
            value = value[1..];

        return value;
    }
}
