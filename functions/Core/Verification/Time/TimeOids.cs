namespace Notary.Verification;

/// <summary>Object identifiers of RFC 3161, RFC 5652, RFC 5035 and the algorithms a token may use.</summary>
internal static class TimeOids
{
    public const string SignedData = "1.2.840.113549.1.7.2";
    public const string TstInfo = "1.2.840.113549.1.9.16.1.4";

    public const string ContentType = "1.2.840.113549.1.9.3";
    public const string MessageDigest = "1.2.840.113549.1.9.4";
    public const string SigningCertificate = "1.2.840.113549.1.9.16.2.12";
    public const string SigningCertificateV2 = "1.2.840.113549.1.9.16.2.47";

    public const string AlgorithmProtection = "1.2.840.113549.1.9.52";

    public const string Sha256 = "2.16.840.1.101.3.4.2.1";
    public const string Sha384 = "2.16.840.1.101.3.4.2.2";
    public const string Sha512 = "2.16.840.1.101.3.4.2.3";

    public const string Rsa = "1.2.840.113549.1.1.1";
    public const string Mgf1 = "1.2.840.113549.1.1.8";
    public const string RsaPss = "1.2.840.113549.1.1.10";
    public const string Sha256Rsa = "1.2.840.113549.1.1.11";
    public const string Sha384Rsa = "1.2.840.113549.1.1.12";
    public const string Sha512Rsa = "1.2.840.113549.1.1.13";
    public const string Sha256Ecdsa = "1.2.840.10045.4.3.2";
    public const string Sha384Ecdsa = "1.2.840.10045.4.3.3";
    public const string Sha512Ecdsa = "1.2.840.10045.4.3.4";

    public const string TimeStampingUsage = "1.3.6.1.5.5.7.3.8";
    public const string KeyUsage = "2.5.29.15";
    public const string ExtendedKeyUsage = "2.5.29.37";
    public const string SubjectAltName = "2.5.29.17";
    public const string SubjectKeyIdentifier = "2.5.29.14";
}
