namespace Notary.Verification;

/// <summary>What a list says of one certificate.</summary>
/// <param name="At">When it was revoked, by its authority's word.</param>
/// <param name="Reason">RFC 5280 §5.3.1; null when the list gives none.</param>
/// <param name="Since">From when on it is not to be trusted: <paramref name="At"/>, or the earlier invalidity date (§5.3.2).</param>
public readonly record struct Revoked(DateTimeOffset At, int? Reason, DateTimeOffset Since);

/// <summary>A certificate revocation list (RFC 5280 §5) whose signature by its issuer holds. Safe on several threads.</summary>
/// <remarks>
/// Only whole, direct lists: one with a critical extension, such as a delta, a partition or another authority's entries, is refused, since what it
/// leaves out would pass for not revoked. Verified lists are remembered, so that a letter after the other costs a look-up.
/// </remarks>
public sealed class RevocationList
{
    /// <summary>Bytes. An authority's list of ten thousand certificates has about 400 KiB; a letter carries it whole.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>Lists. Only those signed by issuers under given roots get in.</summary>
    private const int MaxRemembered = 64;

    private const string Another = "it is another authority's";
    private const string ReasonCode = "2.5.29.21";
    private const string InvalidityDate = "2.5.29.24";

    private static readonly Asn1Tag Tag0 = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly ConcurrentDictionary<(Digest List, Digest Issuer), RevocationList> Remembered = new();

    private readonly Dictionary<string, Revoked> entries = new(StringComparer.Ordinal);

    private RevocationList(ReadOnlyMemory<byte> tbs, X509Certificate2 issuer)
    {
        var reader = new AsnReader(tbs, AsnEncodingRules.DER).ReadSequence();
        var version2 = reader.PeekTag() == Asn1Tag.Integer;
        if (version2 && !(reader.TryReadInt32(out var version) && version == 1))
            throw new CryptographicException("it is of another version");

        Algorithm = reader.ReadEncodedValue();
        if (!reader.ReadEncodedValue().Span.SequenceEqual(issuer.SubjectName.RawData))
            throw new CryptographicException(Another);

        ThisUpdate = ReadTime(reader);
        NextUpdate = reader.HasData && reader.PeekTag().TagClass == TagClass.Universal && reader.PeekTag() != Asn1Tag.Sequence
            ? ReadTime(reader) : throw new CryptographicException("it does not say until when it is good");
        if (reader.HasData && reader.PeekTag() == Asn1Tag.Sequence)
            ReadEntries(reader.ReadSequence(), version2);

        // None of a whole list's extensions changes what it says of a certificate: those that do are critical.
        if (reader.HasData && version2)
        {
            var outer = reader.ReadSequence(Tag0);
            Extensions(outer.ReadSequence());
            outer.ThrowIfNotEmpty();
        }

        reader.ThrowIfNotEmpty();
    }

    /// <summary>When it was made.</summary>
    public DateTimeOffset ThisUpdate { get; }

    /// <summary>Until when it is good.</summary>
    public DateTimeOffset NextUpdate { get; }

    private ReadOnlyMemory<byte> Algorithm { get; }

    /// <summary>Reads a list and verifies that <paramref name="issuer"/> (a certificate's DER, which the caller trusts) signed it.</summary>
    /// <returns>Null when it does not hold, with <paramref name="why"/>; never an exception, whatever the bytes are.</returns>
    public static RevocationList? Read(ReadOnlyMemory<byte> der, ReadOnlyMemory<byte> issuer, out string why)
        => Read(der, (Digest.Of(der.Span), Digest.Of(issuer.Span)), issuer, out why);

    /// <summary>The list, when the one above signed it.</summary>
    /// <param name="digest">Of <paramref name="der"/>, which may be long.</param>
    internal static RevocationList? Read(ReadOnlyMemory<byte> der, Digest digest, ChainLink link)
        => Read(der, (digest, link.IssuerDigest), link.Issuer, out _);

    private static RevocationList? Read(ReadOnlyMemory<byte> der, (Digest List, Digest Issuer) id, ReadOnlyMemory<byte> issuer, out string why)
    {
        why = "";
        if (Remembered.TryGetValue(id, out var known))
            return known;

        try
        {
            // Straight from the DER, as most lists at hand are others': loading a certificate object costs more than a verified signature.
            if (!IssuerOf(der).Span.SequenceEqual(SignerId.SubjectOf(issuer).Span))
            {
                why = Another;
                return null;
            }

            using var certificate = X509CertificateLoader.LoadCertificate(issuer.Span);
            var list = Verify(der, certificate);
            if (Remembered.Count >= MaxRemembered)
                Remembered.Clear();

            return Remembered[id] = list;
        }
        catch (CryptographicException e)
        {
            why = e.Message;
        }
        catch (Exception e) when (e is AsnContentException or ArgumentException)
        {
            why = "it is not the DER structure of RFC 5280";
        }

        return null;
    }

    /// <summary>What it says of the certificate with this serial number (two's complement, big-endian); null when it is not on it.</summary>
    public Revoked? Find(ReadOnlySpan<byte> serial) => entries.TryGetValue(Convert.ToHexString(serial), out var found) ? found : null;

    private static ReadOnlyMemory<byte> IssuerOf(ReadOnlyMemory<byte> der)
    {
        var tbs = new AsnReader(der, AsnEncodingRules.DER).ReadSequence().ReadSequence();
        if (tbs.PeekTag() == Asn1Tag.Integer)
            tbs.ReadEncodedValue();

        tbs.ReadSequence();
        return tbs.ReadEncodedValue();
    }

    private static RevocationList Verify(ReadOnlyMemory<byte> der, X509Certificate2 issuer)
    {
        if (der.Length > MaxBytes)
            throw new CryptographicException($"it has more than {MaxBytes} bytes");

        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var signed = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var tbs = signed.ReadEncodedValue();
        var algorithm = signed.PeekEncodedValue();
        var identifier = signed.ReadSequence();
        var oid = identifier.ReadObjectIdentifier();
        if (identifier.HasData && oid is TimeOids.Sha256Rsa or TimeOids.Sha384Rsa or TimeOids.Sha512Rsa)
            identifier.ReadNull();

        // ECDSA's has no parameters (RFC 5758 §3.2).
        identifier.ThrowIfNotEmpty();
        var signature = signed.ReadBitString(out var unused);
        signed.ThrowIfNotEmpty();

        var list = new RevocationList(tbs.ToArray(), issuer);
        var mayNot = issuer.Extensions.OfType<X509KeyUsageExtension>().Any(u => !u.KeyUsages.HasFlag(X509KeyUsageFlags.CrlSign));
        var same = list.Algorithm.Span.SequenceEqual(algorithm.Span) && unused == 0;
        return same && !mayNot && Holds(issuer, oid, tbs.Span, signature) ? list : throw new CryptographicException("its signature is not its issuer's");
    }

    private static bool Holds(X509Certificate2 issuer, string oid, ReadOnlySpan<byte> tbs, byte[] signature)
    {
        HashAlgorithmName? hash = oid switch
        {
            TimeOids.Sha256Rsa or TimeOids.Sha256Ecdsa => HashAlgorithmName.SHA256,
            TimeOids.Sha384Rsa or TimeOids.Sha384Ecdsa => HashAlgorithmName.SHA384,
            TimeOids.Sha512Rsa or TimeOids.Sha512Ecdsa => HashAlgorithmName.SHA512,
            _ => null,
        };
        if (hash is not { } name)
            return false;

        using var rsa = issuer.GetRSAPublicKey();
        using var ecdsa = issuer.GetECDsaPublicKey();
        return oid is TimeOids.Sha256Rsa or TimeOids.Sha384Rsa or TimeOids.Sha512Rsa
            ? rsa is not null && rsa.VerifyData(tbs, signature, name, RSASignaturePadding.Pkcs1)
            : ecdsa is not null && ecdsa.VerifyData(tbs, signature, name, DSASignatureFormat.Rfc3279DerSequence);
    }

    private void ReadEntries(AsnReader list, bool version2)
    {
        while (list.HasData)
        {
            var entry = list.ReadSequence();
            var serial = Convert.ToHexString(entry.ReadIntegerBytes().Span);
            var at = ReadTime(entry);
            var (reason, since) = ((int?)null, at);
            if (entry.HasData && version2)
            {
                foreach (var (oid, value) in Extensions(entry.ReadSequence()))
                {
                    var reader = new AsnReader(value, AsnEncodingRules.DER);
                    if (oid == ReasonCode)
                        reason = reader.ReadEnumeratedBytes().Span is [var code] ? code
                            : throw new CryptographicException("it gives a reason that there is not");
                    else if (oid != InvalidityDate)
                        continue;
                    else if (ReadGeneralizedTime(reader) is var invalid && invalid < since)
                        since = invalid;

                    reader.ThrowIfNotEmpty();
                }
            }

            entry.ThrowIfNotEmpty();
            if (!entries.TryAdd(serial, new Revoked(at, reason, since)))
                throw new CryptographicException("it has a certificate twice");
        }
    }

    private static Dictionary<string, byte[]> Extensions(AsnReader list)
    {
        var found = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        while (list.HasData)
        {
            var extension = list.ReadSequence();
            var oid = extension.ReadObjectIdentifier();
            if (extension.PeekTag() == Asn1Tag.Boolean && extension.ReadBoolean())
                throw new CryptographicException("it has a critical extension: it is a part of a list, or of several authorities");

            if (!found.TryAdd(oid, extension.ReadOctetString()))
                throw new CryptographicException("it has an extension twice");

            extension.ThrowIfNotEmpty();
        }

        return found;
    }

    private static DateTimeOffset ReadTime(AsnReader reader)
        => reader.PeekTag() == Asn1Tag.UtcTime ? reader.ReadUtcTime() : ReadGeneralizedTime(reader);

    // RFC 5280 §4.1.2.5.2: in whole seconds.
    private static DateTimeOffset ReadGeneralizedTime(AsnReader reader)
        => reader.ReadGeneralizedTime() is var time && time.Ticks % TimeSpan.TicksPerSecond == 0
            ? time : throw new CryptographicException("a time in it has a fraction");
}
