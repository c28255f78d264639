namespace Notary.Verification.Tests;

/// <summary>The local authority's letter certificate is one that other people's programs accept.</summary>
[TestClass]
public sealed class TestCertificatesTests
{
    [TestMethod]
    [DataRow(TestKey.P256)]
    [DataRow(TestKey.Rsa3072)]
    public async Task Openssl_accepts_the_letter_certificate_for_a_key_whose_private_half_is_elsewhere(TestKey rootKey)
    {
        using var vault = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var root = TestCertificates.CreateRoot("Letter Root", rootKey);
        using var letter = TestCertificates.IssueLetterSigner(root, vault.ExportSubjectPublicKeyInfo(), "公证处 Letter Signing");
        Assert.IsFalse(letter.HasPrivateKey);
        using var key = letter.GetECDsaPublicKey()!;
        CollectionAssert.AreEqual(vault.ExportSubjectPublicKeyInfo(), key.ExportSubjectPublicKeyInfo());

        using var openssl = new OpenSsl();
        openssl.Write("root.pem", root);
        openssl.Write("letter.pem", letter);
        await openssl.MustAsync("verify", "-x509_strict", "-CAfile", "root.pem", "letter.pem");
        var (_, text) = await openssl.RunAsync("x509", "-in", "letter.pem", "-noout", "-text", "-nameopt", "utf8");
        StringAssert.Contains(text, "Digital Signature, Non Repudiation");
        StringAssert.Contains(text, "公证处 Letter Signing");
        StringAssert.Contains(text, "Authority Key Identifier");
        StringAssert.Contains(text, "CA:FALSE");
    }

    [TestMethod]
    public async Task Openssl_accepts_the_timestamping_certificate_for_its_purpose()
    {
        using var root = TestCertificates.CreateRoot("Time Root");
        using var signer = TestCertificates.IssueTimestamper(root, "TSA");
        using var openssl = new OpenSsl();
        openssl.Write("root.pem", root);
        openssl.Write("tsa.pem", signer);
        await openssl.MustAsync("verify", "-x509_strict", "-purpose", "timestampsign", "-CAfile", "root.pem", "tsa.pem");
    }

    [TestMethod]
    public void The_letter_certificate_is_kept_until_key_or_root_changes()
    {
        var folder = Directory.CreateTempSubdirectory("notary-ca-");
        try
        {
            using var vault = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            using var renewed = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            X509Certificate2 Open(string rootName, ECDsa key)
            {
                using var root = TestCertificates.OpenRoot(folder.FullName, rootName, "Letter Root");
                return TestCertificates.OpenLetterSigner(folder.FullName, "letter", root, key.ExportSubjectPublicKeyInfo(), "Letter Signing");
            }

            using var first = Open("root", vault);
            using var again = Open("root", vault);
            Assert.AreEqual(first.Thumbprint, again.Thumbprint);
            using var otherKey = Open("root", renewed);
            Assert.AreNotEqual(first.Thumbprint, otherKey.Thumbprint);
            using var kept = Open("root", renewed);
            Assert.AreEqual(otherKey.Thumbprint, kept.Thumbprint);
            using var otherRoot = Open("root2", renewed); // of the same name
            Assert.AreNotEqual(kept.Thumbprint, otherRoot.Thumbprint);
            if (!OperatingSystem.IsWindows())
                Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder.FullName, "root.key")));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
