namespace Notary.Verification;

/// <summary>How a signature was made, and how its AlgorithmIdentifier says so: RSA has two spellings of the same.</summary>
internal readonly record struct SignatureScheme(string Oid, SignatureKind Kind, HashAlgorithmName Hash);

internal enum SignatureKind
{
    RsaPkcs1,
    RsaPss,
    Ecdsa,
}

/// <summary>Reads AlgorithmIdentifiers. Only SHA-2 is accepted: a token must still hold when today's weak hashes are broken.</summary>
internal static class AlgorithmIds
{
    private static readonly Asn1Tag[] PssTags = [.. Enumerable.Range(0, 4).Select(i => new Asn1Tag(TagClass.ContextSpecific, i, isConstructed: true))];

    /// <summary>A hash's OID; parameters absent or NULL, which mean the same (RFC 5754 §2).</summary>
    public static string ReadHash(AsnReader reader)
    {
        var algorithm = reader.ReadSequence();
        var oid = algorithm.ReadObjectIdentifier();
        ReadNoParameters(algorithm);
        return oid;
    }

    /// <exception cref="BadTokenException">A hash other than SHA-256, SHA-384 or SHA-512.</exception>
    public static HashAlgorithmName Hash(string oid) => oid switch
    {
        TimeOids.Sha256 => HashAlgorithmName.SHA256,
        TimeOids.Sha384 => HashAlgorithmName.SHA384,
        TimeOids.Sha512 => HashAlgorithmName.SHA512,
        _ => throw new BadTokenException(TokenCodes.Algorithm, "the token uses a hash algorithm other than SHA-256, SHA-384 or SHA-512"),
    };

    /// <summary>The signature algorithm; its hash must be the SignerInfo's digest algorithm, else two hashes could be played against each other.</summary>
    /// <param name="tag">When it is not a SEQUENCE's.</param>
    public static SignatureScheme ReadSignature(AsnReader reader, HashAlgorithmName digest, Asn1Tag? tag = null)
    {
        var algorithm = reader.ReadSequence(tag);
        var oid = algorithm.ReadObjectIdentifier();
        if (oid == TimeOids.RsaPss)
        {
            ReadPss(algorithm.ReadSequence(), digest);
            algorithm.ThrowIfNotEmpty();
            return new SignatureScheme(oid, SignatureKind.RsaPss, digest);
        }

        // RFC 5758 section 3.2: of ECDSA they are absent. Nothing signs this field, so a NULL there would be somebody else's.
        if (algorithm.HasData && (oid is TimeOids.Sha256Ecdsa or TimeOids.Sha384Ecdsa or TimeOids.Sha512Ecdsa))
            throw new BadTokenException(TokenCodes.Algorithm, "the signature's algorithm has parameters, which ECDSA's has not");

        ReadNoParameters(algorithm);
        var (kind, hash) = oid switch
        {
            TimeOids.Rsa => (SignatureKind.RsaPkcs1, digest),
            TimeOids.Sha256Rsa => (SignatureKind.RsaPkcs1, HashAlgorithmName.SHA256),
            TimeOids.Sha384Rsa => (SignatureKind.RsaPkcs1, HashAlgorithmName.SHA384),
            TimeOids.Sha512Rsa => (SignatureKind.RsaPkcs1, HashAlgorithmName.SHA512),
            TimeOids.Sha256Ecdsa => (SignatureKind.Ecdsa, HashAlgorithmName.SHA256),
            TimeOids.Sha384Ecdsa => (SignatureKind.Ecdsa, HashAlgorithmName.SHA384),
            TimeOids.Sha512Ecdsa => (SignatureKind.Ecdsa, HashAlgorithmName.SHA512),
            _ => throw new BadTokenException(TokenCodes.Algorithm, "the token's signature algorithm is not one of RSA, RSASSA-PSS and ECDSA with SHA-2"),
        };
        return hash == digest
            ? new SignatureScheme(oid, kind, hash)
            : throw new BadTokenException(TokenCodes.Algorithm, "the signature's hash is not the signer's digest algorithm");
    }

    public static byte[] HashData(HashAlgorithmName hash, ReadOnlySpan<byte> data)
        => hash == HashAlgorithmName.SHA256 ? SHA256.HashData(data) : CryptographicOperations.HashData(hash, data);

    /// <summary>
    /// RSASSA-PSS-params (RFC 4055 §3.1). The defaults are SHA-1, so hash and mask must be written out.
    /// The salt must be as long as the hash, the length that §3.1 recommends and the only one the platform checks.
    /// </summary>
    private static void ReadPss(AsnReader parameters, HashAlgorithmName digest)
    {
        var hash = parameters.ReadSequence(PssTags[0]);
        var fits = Hash(ReadHash(hash)) == digest;
        hash.ThrowIfNotEmpty();

        var mask = parameters.ReadSequence(PssTags[1]);
        var maskAlgorithm = mask.ReadSequence();
        fits &= maskAlgorithm.ReadObjectIdentifier() == TimeOids.Mgf1 && Hash(ReadHash(maskAlgorithm)) == digest;
        maskAlgorithm.ThrowIfNotEmpty();
        mask.ThrowIfNotEmpty();

        var salt = parameters.ReadSequence(PssTags[2]);
        fits &= salt.TryReadInt32(out var saltBytes) && saltBytes == HashBytes(digest);
        salt.ThrowIfNotEmpty();

        // trailerField is always 1, its default, which DER does not write.
        parameters.ThrowIfNotEmpty();
        if (!fits)
            throw new BadTokenException(TokenCodes.Algorithm, "the RSASSA-PSS parameters do not fit the signer's digest algorithm");
    }

    private static int HashBytes(HashAlgorithmName hash) => hash == HashAlgorithmName.SHA256 ? 32 : hash == HashAlgorithmName.SHA384 ? 48 : 64;

    private static void ReadNoParameters(AsnReader algorithm)
    {
        if (algorithm.HasData)
            algorithm.ReadNull();

        algorithm.ThrowIfNotEmpty();
    }
}
