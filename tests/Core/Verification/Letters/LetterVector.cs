namespace Notary.Verification.Tests.Letters;

/// <summary>A signed letter that does not change: what was good once must stay good, years after its certificates have expired.</summary>
internal static class LetterVector
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "Core", "Verification", "Letters", "vectors");

    public static byte[] Pdf { get; } = File.ReadAllBytes(Path.Combine(Folder, "letter.pdf"));

    public static X509Certificate2 LetterRoot { get; } = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(Folder, "letter-root.cer"));

    public static TrustedAuthority Authority { get; } = new("tsa", [X509CertificateLoader.LoadCertificateFromFile(Path.Combine(Folder, "tsa-root.cer"))], null);

    public static LetterVerifier Verifier { get; } = new([LetterRoot], [Authority]);

    public static LetterCheck Check() => LetterVerifier.Check(Pdf, [LetterRoot], [Authority]);
}
