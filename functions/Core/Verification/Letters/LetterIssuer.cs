namespace Notary.Verification.Letters;

/// <summary>Who issues letters: whose name the signer's certificate has, and what the letters call the office.</summary>
/// <param name="CommonName">The subject's only common name, exactly.</param>
/// <param name="Organization">Its only organisation, exactly; null when it has none.</param>
/// <param name="Office">The office's names.</param>
/// <param name="ShortName">Its short name; null in trust files that do not know it.</param>
public sealed record LetterIssuer(string CommonName, string? Organization, LetterOffice Office, string? ShortName)
{
    private const string CommonNameType = "2.5.4.3";
    private const string OrganizationType = "2.5.4.10";
    private const string ExtendedKeyUsage = "2.5.29.37";

    // Any one of these lets a certificate sign documents: signed mail, for want of a better one before RFC 9336; RFC 9336; Microsoft's and Adobe's.
    private static readonly string[] Purposes =
        ["1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.36", "1.3.6.1.4.1.311.10.3.12", "1.2.840.113583.1.1.5", "2.5.29.37.0"];

    /// <summary>The issuer whose signer this certificate is for.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/> when it may not sign letters, or its subject has not exactly one common name
    /// and at most one organisation.</exception>
    public static LetterIssuer Of(X509Certificate2 signer, LetterOffice office, string? shortName)
    {
        var names = NamesOf(signer);
        var (common, organization) = (names.Where(n => n.Type == CommonNameType).ToList(), names.Where(n => n.Type == OrganizationType).ToList());
        if (!MaySign(signer))
            throw new FaultException(Fault.Malformed, "it is an authority's, or its usages are not those of a signer of documents");

        return common is [(_, { Length: > 0 } name)] && organization is [] or [(_, not null)]
            ? new LetterIssuer(name, organization is [(_, var value)] ? value : null, office, shortName)
            : throw new FaultException(Fault.Malformed, "its subject has not exactly one common name and at most one organisation");
    }

    /// <summary>Whether a subject with these parts is the one meant. Text is compared code point by code point, however it is encoded.</summary>
    internal bool Is(IReadOnlyList<(string Type, string? Value)> names)
        => names.Where(n => n.Type == CommonNameType).Select(n => n.Value).SequenceEqual([CommonName])
            && names.Where(n => n.Type == OrganizationType).Select(n => n.Value).SequenceEqual(Organization is null ? [] : [Organization]);

    /// <summary>A subject's parts; null for what is no text. A part of several values counts as each of its types without value: none equals it.</summary>
    internal static IReadOnlyList<(string Type, string? Value)> NamesOf(X509Certificate2 certificate)
        => [.. certificate.SubjectName.EnumerateRelativeDistinguishedNames().SelectMany(part => part.HasMultipleElements
            ? [(CommonNameType, (string?)null), (OrganizationType, null)]
            : new[] { (part.GetSingleElementType().Value!, part.GetSingleElementValue()) })];

    /// <summary>Whether a certificate may sign letters: no authority's, key usage (which must be there) for signatures, and when it has extended
    /// key usages, critical or not (RFC 5280 §4.2.1.12), one for documents among them.</summary>
    internal static bool MaySign(X509Certificate2 certificate)
    {
        const X509KeyUsageFlags Signing = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.NonRepudiation;
        return certificate.Extensions.OfType<X509KeyUsageExtension>().ToList() is [var usage] && (usage.KeyUsages & Signing) != 0
            && !certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(b => b.CertificateAuthority)
            && certificate.Extensions.Where(e => e.Oid?.Value == ExtendedKeyUsage).All(e => e is X509EnhancedKeyUsageExtension purposes
                && purposes.EnhancedKeyUsages.Cast<Oid>().Any(o => Purposes.Contains(o.Value)));
    }
}
