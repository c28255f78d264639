using System.Security.Cryptography.Pkcs;

namespace Notary.Letters.Tests;

[TestClass]
public sealed class SignTests
{
    [TestMethod]
    [DataRow(TestKey.P256)]
    [DataRow(TestKey.Rsa3072)]
    public async Task A_signed_letter_verifies_and_gives_its_facts_back(TestKey time)
    {
        await using var office = await Office.OpenAsync(time);
        var digests = new Dictionary<string, string> { ["sha-256"] = new('a', 64), ["sm3"] = new('b', 64), ["sha-512"] = new('c', 128) };
        var large = Samples.Letter([.. Enumerable.Range(0, 100).Select(i
            => new ManifestItem(new string('ש', 100 + (i / 4)), i, new string('t', 200), digests))]) with
        {
            Notes = new Dictionary<string, string>
            {
                [new string('名', 500)] = string.Concat(Enumerable.Range(0, 400).Select(i => $"词{i}。 ")),
                ["空"] = "",
                ["A"] = "a \u00a0b\tc",
            }
        };
        foreach (var facts in (LetterFacts[])[.. RenderTests.Letters(), large])
        {
            var check = office.Verifier.Check(await office.SignAsync(LetterRenderer.Render(facts)));
            Assert.IsTrue(check.Ok, check.Reason);
            CollectionAssert.AreEqual(facts.ToJson(), check.Facts!.ToJson());
            Assert.AreEqual(office.Certificate.Subject, check.Signer);
            Assert.AreEqual("tsa", check.Authority);
            Assert.IsLessThan(TimeSpan.FromMinutes(2), (TimeProvider.System.GetUtcNow() - check.SignedAt!.Value).Duration());
        }
    }

    [TestMethod]
    public async Task One_verifier_judges_letters_of_two_authorities_on_several_threads()
    {
        await using var one = await Office.OpenAsync();
        await using var two = await Office.OpenAsync();
        var verifier = new LetterVerifier([one.Root, two.Root], [one.Trusted, two.Trusted]);
        var letter = LetterRenderer.Render(Samples.Letter());
        byte[][] letters = [await one.SignAsync(letter), await two.SignAsync(letter)];
        Parallel.For(0, 2000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            var check = verifier.Check(letters[i % letters.Length]);
            Assert.IsTrue(check.Ok, check.Reason);
        });
    }

    [TestMethod]
    public async Task Pdfsig_qpdf_and_mutool_accept_it()
    {
        await using var office = await Office.OpenAsync();
        foreach (var facts in RenderTests.Letters())
        {
            var signed = await office.SignAsync(LetterRenderer.Render(facts), [office.Certificate, office.Root]);
            await ToolJudges.AcceptAsync(signed);
            var (code, output) = await Tool.RunAsync(signed, "pdfsig", "{}");
            Assert.AreEqual(0, code, output);
            StringAssert.Contains(output, "Signature Validation: Signature is Valid.");
            StringAssert.Contains(output, "Total document signed");
            StringAssert.Contains(output, "Signature Type: ETSI.CAdES.detached");
            StringAssert.Contains(output, "Signing Hash Algorithm: SHA-256");
            Assert.IsFalse(output.Contains("Signature #2", StringComparison.Ordinal), output);
        }
    }

    [TestMethod]
    public async Task The_platforms_own_CMS_and_an_outsiders_openssl_accept_it()
    {
        await using var office = await Office.OpenAsync();
        var signed = await office.SignAsync(LetterRenderer.Render(Samples.Letter()));
        var slot = SignatureSlot.Find(signed);
        byte[] covered = [.. signed[..slot.Start], .. signed[slot.End..]];
        var hex = System.Text.Encoding.ASCII.GetString(signed, slot.Start + 1, slot.End - slot.Start - 2);
        var cms = new SignedCms(new ContentInfo(covered), detached: true);
        cms.Decode(Convert.FromHexString(hex));
        cms.CheckSignature(verifySignatureOnly: true);

        var signer = cms.SignerInfos[0];
        var attributes = signer.SignedAttributes.Cast<CryptographicAttributeObject>().Select(a => a.Oid.Value).Order().ToArray();
        CollectionAssert.AreEqual(
            new[] { "1.2.840.113549.1.9.16.2.47", "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4" },
            attributes, "content-type, message-digest, signing-certificate-v2 only");
        var unsigned = signer.UnsignedAttributes.Cast<CryptographicAttributeObject>().Single();
        Assert.AreEqual("1.2.840.113549.1.9.16.2.14", unsigned.Oid.Value);
        Assert.IsTrue(Rfc3161TimestampToken.TryDecode(unsigned.Values[0].RawData, out var token, out _));
        Assert.IsTrue(token!.VerifySignatureForData(signer.GetSignature(), out _), "the time-stamp is over the signature's value");

        var folder = Directory.CreateTempSubdirectory("letter-");
        try
        {
            var (root, content) = (Path.Combine(folder.FullName, "root.pem"), Path.Combine(folder.FullName, "content"));
            await File.WriteAllTextAsync(root, office.Root.ExportCertificatePem());
            await File.WriteAllBytesAsync(content, covered);
            var (code, output) = await Tool.RunAsync(
                cms.Encode(), "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "{}",
                "-content", content, "-CAfile", root, "-purpose", "any", "-cades", "-out", "/dev/null");
            Assert.AreEqual(0, code, output);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [TestMethod]
    public async Task A_chain_with_an_intermediate_authority_rides_along()
    {
        await using var office = await Office.OpenAsync();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Intermediate", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var issued = request.Create(office.Root, office.Root.NotBefore, office.Root.NotAfter, [1, 2, 3]);
        using var intermediate = issued.CopyWithPrivateKey(key);
        using var signer = TestCertificates.IssueLetterSigner(intermediate, office.Key.ExportSubjectPublicKeyInfo(), "Below");
        var unsigned = LetterRenderer.Render(Samples.Letter());

        Assert.IsTrue(office.Verifier.Check(await office.SignAsync(unsigned, [signer, intermediate])).Ok);
        Assert.IsTrue(office.Verifier.Check(await office.SignAsync(unsigned, [signer, intermediate, office.Root])).Ok);
        Assert.AreEqual(LetterCodes.Untrusted, office.Verifier.Check(await office.SignAsync(unsigned, [signer])).Code, "the intermediate is missing");
        using var stranger = TestCertificates.CreateRoot("Stranger");
        Assert.AreEqual(LetterCodes.Untrusted, office.Verifier.Check(await office.SignAsync(unsigned, [signer, intermediate, stranger])).Code);
    }

    [TestMethod]
    public async Task A_lying_vault_and_a_bad_token_are_refused()
    {
        await using var office = await Office.OpenAsync();
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var unsigned = LetterRenderer.Render(Samples.Letter());
        Func<ReadOnlyMemory<byte>, byte[]>[] liars = [d => other.SignHash(d.Span),
            d => office.Key.SignHash(d.Span, DSASignatureFormat.Rfc3279DerSequence), _ => new byte[64], _ => []];
        foreach (var liar in liars)
        {
            var signer = new LetterSigner([office.Certificate], (d, _) => Task.FromResult(liar(d)), office.StampAsync);
            var fault = await Assert.ThrowsExactlyAsync<FaultException>(() => signer.SignAsync(unsigned));
            Assert.AreEqual(Fault.SignatureInvalid, fault.Fault);
        }

        foreach (var token in (byte[][])[[], [0x30], new byte[100], Oversized()])
        {
            var signer = new LetterSigner([office.Certificate], office.SignDigestAsync, (_, _) => Task.FromResult(token));
            var fault = await Assert.ThrowsExactlyAsync<FaultException>(() => signer.SignAsync(unsigned));
            Assert.AreEqual(Fault.TokenInvalid, fault.Fault);
        }
    }

    [TestMethod]
    public async Task Only_an_unsigned_letter_is_signed()
    {
        await using var office = await Office.OpenAsync();
        var signed = await office.SignAsync(LetterRenderer.Render(Samples.Letter()));
        foreach (var input in (byte[][])[signed, [], [1, 2, 3], LetterRenderer.Render(Samples.Letter())[..^1]])
        {
            var fault = await Assert.ThrowsExactlyAsync<FaultException>(() => office.SignAsync(input));
            Assert.AreEqual(Fault.Malformed, fault.Fault);
        }

        Assert.ThrowsExactly<ArgumentException>(() => new LetterSigner([], office.SignDigestAsync, office.StampAsync));
        using var rsa = TestCertificates.CreateRoot("RSA", TestKey.Rsa3072);
        Assert.ThrowsExactly<ArgumentException>(() => new LetterSigner([rsa], office.SignDigestAsync, office.StampAsync));
    }

    private static byte[] Oversized()
    {
        var der = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.DER);
        der.WriteOctetString(new byte[LetterRenderer.SignatureBytes]);
        return der.Encode();
    }
}
