namespace Notary.Servers;

/// <summary>Makes responses: one honest way and every wrong way of <see cref="TimestampAuthorityMode"/> that lies in the bytes.</summary>
internal sealed class TimestampIssuer(TimestampAuthorityOptions options, X509Certificate2 root, X509Certificate2 certificate)
{
    private const int BadAlg = 0;
    private const int BadDataFormat = 5;
    private const int UnacceptedPolicy = 15;
    private const int SystemFailure = 25;

    private const string CodeSigning = "1.3.6.1.5.5.7.3.3";

    private static readonly Dictionary<string, int> HashSizes = new()
    {
        [TimestampToken.Sha256] = 32,
        ["2.16.840.1.101.3.4.2.2"] = 48,
        [TimestampToken.Sha512] = 64
    };

    // Made when a mode first asks for them, then kept: RSA keys are slow to make.
    private readonly Lazy<X509Certificate2> other = new(() => TestCertificates.IssueTimestamper(root, options.Name + " second", options.Key));
    private readonly Lazy<X509Certificate2> stranger = new(() =>
    {
        using var strange = TestCertificates.CreateRoot("Stranger Root");
        return TestCertificates.IssueTimestamper(strange, options.Name + " TSA", options.Key);
    });

    private byte[]? earlier;

    /// <summary>The whole TimeStampResp for a query.</summary>
    public byte[] Answer(TimestampQuery query, DateTimeOffset now, TimestampAuthorityMode mode)
    {
        if (!HashSizes.TryGetValue(query.ImprintOid, out var size))
            return TimestampDer.Response(2, text: "hash algorithm not accepted", failure: BadAlg);

        if (query.Imprint.Length != size)
            return TimestampDer.Response(2, text: "imprint of the wrong length", failure: BadDataFormat);

        if (query.Policy is { } asked && asked != options.PolicyOid)
            return TimestampDer.Response(2, text: "policy not accepted", failure: UnacceptedPolicy);

        var token = Honest(query, now);
        Spoil(token, mode, now);
        var der = token.Encode();
        var answer = mode switch
        {
            TimestampAuthorityMode.Rejected => TimestampDer.Response(2, text: "not today\r\nX-Forged: line", failure: SystemFailure),
            TimestampAuthorityMode.RejectedWithToken => TimestampDer.Response(2, der),
            TimestampAuthorityMode.Waiting => TimestampDer.Response(3),
            TimestampAuthorityMode.UnknownStatus => TimestampDer.Response(77, der),
            TimestampAuthorityMode.GrantedWithoutToken => TimestampDer.Response(0),
            TimestampAuthorityMode.TrailingBytes => [.. TimestampDer.Response(0, der), 0],
            TimestampAuthorityMode.TrailingBytesInToken => TrailingInToken(der),
            TimestampAuthorityMode.IndefiniteLength => TimestampDer.Indefinite(TimestampDer.Response(0, der)),
            TimestampAuthorityMode.IndefiniteLengthToken => Enclose([0x30, 0x03, 0x02, 0x01, 0x00], TimestampDer.Indefinite(der)),
            TimestampAuthorityMode.LongFormLength => TimestampDer.LongForm(TimestampDer.Response(0, der)),
            TimestampAuthorityMode.Replay => earlier ?? TimestampDer.Response(0, der),
            _ => TimestampDer.Response(0, der),
        };
        earlier ??= mode == TimestampAuthorityMode.Honest ? answer : null;
        return answer;
    }

    private TimestampToken Honest(TimestampQuery query, DateTimeOffset now)
    {
        var serial = RandomNumberGenerator.GetBytes(12);
        serial[0] = (byte)((serial[0] & 0x3f) | 0x40);
        return new TimestampToken
        {
            Certificate = certificate,
            Policy = options.PolicyOid,
            ImprintOid = query.ImprintOid,
            Imprint = query.Imprint,
            Serial = options.Serial?.Invoke() ?? serial,
            GenTime = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMillisecond)),
            Nonce = query.Nonce,
            TsaName = certificate.SubjectName.RawData,
            HasCertificates = query.CertReq,
            Pss = options.Pss,
        };
    }

    private void Spoil(TimestampToken t, TimestampAuthorityMode mode, DateTimeOffset now)
    {
        switch (mode)
        {
            case TimestampAuthorityMode.WrongNonce: t.Nonce = [.. t.Nonce?.SkipLast(1) ?? [], (byte)((t.Nonce?[^1] ?? 0) ^ 1)]; break;
            case TimestampAuthorityMode.MissingNonce: t.Nonce = null; break;
            case TimestampAuthorityMode.NegatedNonce: t.Nonce = Negate(t.Nonce); break;
            case TimestampAuthorityMode.WrongImprint: t.Imprint = SHA256.HashData(t.Imprint); break;
            case TimestampAuthorityMode.WrongHashAlgorithm: t.ImprintOid = TimestampToken.Sha512; break;
            case TimestampAuthorityMode.OtherHashAlgorithm: (t.ImprintOid, t.Imprint) = (TimestampToken.Sha512, SHA512.HashData(t.Imprint)); break;
            case TimestampAuthorityMode.WrongPolicy: t.Policy = "2.999.4711"; break;
            case TimestampAuthorityMode.WrongVersion: t.Version = 2; break;
            case TimestampAuthorityMode.WrongContentType: t.ContentType = "1.2.840.113549.1.7.1"; break;
            case TimestampAuthorityMode.WrongContentTypeAttribute: t.SignedContentType = "1.2.840.113549.1.7.1"; break;
            case TimestampAuthorityMode.CriticalExtension: t.CriticalExtension = true; break;
            case TimestampAuthorityMode.NegativeSerial: t.Serial = [0x80, 1, 2, 3]; break;
            case TimestampAuthorityMode.OversizedSerial: t.Serial = [0x40, .. new byte[31]]; break;
            case TimestampAuthorityMode.NameOfOther: t.TsaName = root.SubjectName.RawData; break;
            case TimestampAuthorityMode.GenTimeWithoutSeconds: t.GenTimeText = now.UtcDateTime.ToString("yyyyMMddHHmm'Z'", null); break;
            case TimestampAuthorityMode.GenTimeNotUtc: t.GenTimeText = now.UtcDateTime.ToString("yyyyMMddHHmmss'+0000'", null); break;
            case TimestampAuthorityMode.GenTimeTrailingZero: t.GenTimeText = now.UtcDateTime.ToString("yyyyMMddHHmmss'.10Z'", null); break;
            case TimestampAuthorityMode.HourAhead: t.GenTime += TimeSpan.FromHours(1); break;
            case TimestampAuthorityMode.HourBehind: t.GenTime -= TimeSpan.FromHours(1); break;
            case TimestampAuthorityMode.FiveYearsAhead: t.GenTime = t.GenTime.AddYears(5); break;
            case TimestampAuthorityMode.FiveYearsBehind: t.GenTime = t.GenTime.AddYears(-5); break;
            case TimestampAuthorityMode.FlippedSignature: t.FlippedSignature = true; break;
            case TimestampAuthorityMode.OtherSigner: t.SigningKey = other.Value; break;
            case TimestampAuthorityMode.WeakDigest: t.DigestOid = TimestampToken.Sha1; break;
            case TimestampAuthorityMode.MissingMessageDigest: t.HasMessageDigest = false; break;
            case TimestampAuthorityMode.WrongMessageDigest: t.WrongMessageDigest = true; break;
            case TimestampAuthorityMode.NoSignedAttributes: t.HasAttributes = false; break;
            case TimestampAuthorityMode.RepeatedAttribute: t.RepeatedAttribute = true; break;
            case TimestampAuthorityMode.UnsortedAttributes: t.UnsortedAttributes = true; break;
            case TimestampAuthorityMode.EssMissing: t.HasEss = false; break;
            case TimestampAuthorityMode.EssOfOther: t.EssCertificate = other.Value; break;
            case TimestampAuthorityMode.EssOfOtherIssuer: t.EssIssuer = stranger.Value.IssuerName; break;
            case TimestampAuthorityMode.NoSigner: t.HasSigner = false; break;
            case TimestampAuthorityMode.TwoSigners: t.SecondSigner = other.Value; break;
            case TimestampAuthorityMode.NoCertificate: t.HasCertificates = false; break;
            case TimestampAuthorityMode.UsageMissing: Use(t, Issue(usages: [])); break;
            case TimestampAuthorityMode.UsageNotCritical: Use(t, Issue(critical: false)); break;
            case TimestampAuthorityMode.UsageAdditional: Use(t, Issue(usages: [TestCertificates.TimeStamping, CodeSigning])); break;
            case TimestampAuthorityMode.UsageOther: Use(t, Issue(usages: [CodeSigning])); break;
            case TimestampAuthorityMode.KeyUsageOther: Use(t, Issue(keyUsage: X509KeyUsageFlags.DataEncipherment)); break;
            case TimestampAuthorityMode.WeakKey: Use(t, Issue(TestKey.Rsa1024)); break;
            case TimestampAuthorityMode.ExpiredCertificate: Use(t, Issue(from: now.AddHours(-20), lifetime: TimeSpan.FromHours(1))); break;
            case TimestampAuthorityMode.FutureCertificate: Use(t, Issue(from: now.AddHours(1))); break;
            case TimestampAuthorityMode.UntrustedRoot: Use(t, stranger.Value); break;
            case TimestampAuthorityMode.ImpostorRoot: Use(t, Impostor()); break;
            case TimestampAuthorityMode.SelfSigned: Use(t, SelfSigned()); break;
            default: break; // the wrong is in the response or in HTTP
        }
    }

    private static void Use(TimestampToken token, X509Certificate2 wrong)
    {
        token.Certificate = wrong;
        token.TsaName = wrong.SubjectName.RawData;
    }

    private X509Certificate2 Issue(
        TestKey key = TestKey.P256, DateTimeOffset? from = null, TimeSpan? lifetime = null, string[]? usages = null,
        bool critical = true, X509KeyUsageFlags keyUsage = X509KeyUsageFlags.DigitalSignature)
        => TestCertificates.IssueTimestamper(root, options.Name + " TSA", key, from, lifetime, usages, critical, keyUsage);

    private X509Certificate2 Impostor()
    {
        using var impostor = TestCertificates.CreateRoot(root.GetNameInfo(X509NameType.SimpleName, forIssuer: false));
        return TestCertificates.IssueTimestamper(impostor, options.Name + " TSA");
    }

    /// <summary>Issued by itself: the one case where the issuer's key is the subject's.</summary>
    private X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(certificate.SubjectName, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(TestCertificates.TimeStamping)], critical: true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    private static byte[]? Negate(byte[]? twosComplement)
        => twosComplement is null ? null : (-new System.Numerics.BigInteger(twosComplement, isBigEndian: true)).ToByteArray(isBigEndian: true);

    private static byte[] TrailingInToken(byte[] token)
    {
        // One more element at the end of the ContentInfo, all lengths right.
        System.Formats.Asn1.AsnDecoder.ReadSequence(token, System.Formats.Asn1.AsnEncodingRules.DER, out var offset, out var length, out _);
        return TimestampDer.Response(0, Enclose(token[offset..(offset + length)], [0x05, 0x00]));
    }

    private static byte[] Enclose(byte[] first, byte[] second)
    {
        var length = first.Length + second.Length;
        return [0x30, 0x82, (byte)(length >> 8), (byte)length, .. first, .. second];
    }
}
