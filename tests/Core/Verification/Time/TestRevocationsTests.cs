namespace Notary.Verification.Tests;

/// <summary>The local authorities publish revocation lists that other people's programs understand.</summary>
[TestClass]
public sealed class TestRevocationsTests
{
    [TestMethod]
    [DataRow(TestKey.P256)]
    [DataRow(TestKey.Rsa3072)]
    public async Task Openssl_finds_a_revoked_certificate_on_the_list_that_it_names(TestKey key)
    {
        await using var authority = await TimestampAuthority.StartAsync(new TimestampAuthorityOptions { Key = key });
        using var openssl = new OpenSsl();
        openssl.Write("root.pem", authority.Root);
        openssl.Write("tsa.pem", authority.Certificate);
        var (_, text) = await openssl.RunAsync("x509", "-in", "tsa.pem", "-noout", "-text");
        StringAssert.Contains(text, $"URI:{new Uri(authority.Url, "/crl")}");

        Assert.AreEqual(0, await VerifyAsync());
        authority.Revocations.Revoke(authority.Certificate, TimeProvider.System.GetUtcNow().AddMinutes(-1), X509RevocationReason.KeyCompromise);
        Assert.AreNotEqual(0, await VerifyAsync());
        authority.Revocations.Down = true;
        using var http = new HttpClient();
        Assert.IsFalse((await http.GetAsync(new Uri(authority.Url, "/crl"))).IsSuccessStatusCode);

        async Task<int> VerifyAsync()
        {
            using var client = new HttpClient();
            openssl.Write("list.crl", await client.GetByteArrayAsync(new Uri(authority.Url, "/crl")));
            await openssl.MustAsync("crl", "-inform", "DER", "-in", "list.crl", "-CAfile", "root.pem", "-out", "list.pem");
            var (code, _) = await openssl.RunAsync("verify", "-crl_check", "-CRLfile", "list.pem", "-CAfile", "root.pem", "tsa.pem");
            return code;
        }
    }

    [TestMethod]
    public async Task A_kept_authority_names_where_it_is_now_and_remembers_what_it_revoked()
    {
        var folder = Directory.CreateTempSubdirectory("notary-tsa-");
        try
        {
            var options = new TimestampAuthorityOptions { Folder = folder.FullName };
            byte[] root;
            string serial;
            await using (var first = await TimestampAuthority.StartAsync(options))
            {
                (root, serial) = (first.Root.RawData, first.Certificate.SerialNumber);
                first.Revocations.Revoke(first.Certificate, TimeProvider.System.GetUtcNow(), X509RevocationReason.Superseded);
            }

            await using var second = await TimestampAuthority.StartAsync(options);
            CollectionAssert.AreEqual(root, second.Root.RawData);
            Assert.AreNotEqual(serial, second.Certificate.SerialNumber, "another port, so another address to name");
            using var openssl = new OpenSsl();
            openssl.Write("list.crl", second.Revocations.List());
            var (_, text) = await openssl.RunAsync("crl", "-inform", "DER", "-in", "list.crl", "-noout", "-text");
            StringAssert.Contains(text, serial);
            StringAssert.Contains(text, "Superseded");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
