namespace Notary.Letters.Tests;

[TestClass]
public sealed class TamperTests
{
    private static Office office = null!;
    private static byte[] signed = null!;

    [ClassInitialize]
    public static async Task SignOneAsync(TestContext context)
    {
        office = await Office.OpenAsync();
        signed = await office.SignAsync(LetterRenderer.Render(Samples.Letter()));
        Assert.IsTrue(office.Verifier.Check(signed).Ok);
    }

    [ClassCleanup]
    public static async Task CloseAsync() => await office.DisposeAsync();

    [TestMethod]
    public void Every_flipped_byte_is_found()
    {
        var random = new Random(20261122);
        var missed = new List<string>();
        var copy = (byte[])signed.Clone();
        for (var i = 0; i < copy.Length; i++)
        {
            var kept = copy[i];
            copy[i] ^= (byte)(1 << random.Next(8));
            if (office.Verifier.Check(copy).Ok)
                missed.Add($"{i}: {kept:x2}→{copy[i]:x2}");

            copy[i] = kept;
        }

        Assert.IsEmpty(missed, string.Join(", ", missed.Take(20)));
        Assert.IsTrue(office.Verifier.Check(copy).Ok, "and the letter itself is still good");
    }

    /// <summary>Nothing signs the CMS but its own strictness, so there several values of every digit are tried.</summary>
    [TestMethod]
    public void Other_digits_in_the_signature_are_found()
    {
        var slot = SignatureSlot.Find(signed);
        var copy = (byte[])signed.Clone();
        var end = Array.FindLastIndex(copy, slot.End - 2, b => b != '0') + 40;
        var missed = new List<string>();
        var random = new Random(20261123);
        for (var i = slot.Start; i < end; i++)
        {
            var kept = copy[i];
            foreach (var digit in random.GetItems("0123456789abcdefABCDEF>"u8, 5))
            {
                copy[i] = digit;
                if (digit != kept && office.Verifier.Check(copy).Ok)
                    missed.Add($"{i - slot.Start}: {(char)kept}→{(char)digit}");
            }

            copy[i] = kept;
        }

        Assert.IsEmpty(missed, string.Join(", ", missed.Take(20)));
    }

    [TestMethod]
    public void A_file_that_grew_or_shrank_is_found()
    {
        byte[][] others =
        [
            [.. signed, 0], [.. signed, (byte)'\n'], [(byte)'\n', .. signed], signed[1..],
            signed[..^1], signed[..^7], [], signed[..100], [.. signed, .. signed],
            [.. signed, .. "1 0 obj\n<< >>\nendobj\nxref\n0 0\ntrailer\n<< /Size 9 /Root 1 0 R /Prev 9 >>\nstartxref\n0\n%%EOF\n"u8],
        ];
        foreach (var other in others)
            Assert.IsFalse(office.Verifier.Check(other).Ok);

        var random = new Random(7);
        for (var i = 0; i < 200; i++)
        {
            var at = random.Next(signed.Length);
            Assert.IsFalse(office.Verifier.Check((byte[])[.. signed[..at], (byte)random.Next(256), .. signed[at..]]).Ok, $"byte put in at {at}");
            Assert.IsFalse(office.Verifier.Check((byte[])[.. signed[..at], .. signed[(at + 1)..]]).Ok, $"byte taken out at {at}");
        }
    }

    [TestMethod]
    public async Task An_incremental_update_by_another_program_is_found()
    {
        // qpdf rewrites the whole file; Poppler's own signer and form tools append. Both must fail.
        var path = Path.GetTempFileName();
        try
        {
            var (code, output) = await Tool.RunAsync(signed, "qpdf", "--object-streams=disable", "{}", path);
            Assert.AreEqual(0, code, output);
            Assert.IsFalse(office.Verifier.Check(await File.ReadAllBytesAsync(path)).Ok);
        }
        finally
        {
            File.Delete(path);
        }

        var update = Encoding.Latin1.GetString(signed);
        var start = update.LastIndexOf("startxref\n", StringComparison.Ordinal) + 10;
        var previous = update[start..update.IndexOf('\n', start)];
        var appended = $"5 0 obj\n<< /Type /Metadata >>\nendobj\n";
        var xref = signed.Length + appended.Length;
        appended += $"xref\n5 1\n{signed.Length:D10} 00000 n \ntrailer\n<< /Size 200 /Root 1 0 R /Prev {previous} >>\nstartxref\n{xref}\n%%EOF\n";
        Assert.AreEqual(LetterCodes.Malformed, office.Verifier.Check((byte[])[.. signed, .. Encoding.Latin1.GetBytes(appended)]).Code);
    }

    [TestMethod]
    public async Task Another_letters_signature_time_stamp_or_root_does_not_do()
    {
        var otherLetter = await office.SignAsync(LetterRenderer.Render(Samples.Letter() with { Number = "〔2026〕示浦电存字第4713号" }));
        var (a, b) = (SignatureSlot.Find(signed), SignatureSlot.Find(otherLetter));
        var swapped = (byte[])signed.Clone();
        otherLetter.AsSpan(b.Start, b.End - b.Start).CopyTo(swapped.AsSpan(a.Start));
        Assert.AreEqual(LetterCodes.Digest, office.Verifier.Check(swapped).Code);

        await using var second = await Office.OpenAsync();
        Assert.AreEqual(LetterCodes.Untrusted, new LetterVerifier([second.Root], [office.Trusted]).Check(signed).Code);
        Assert.AreEqual(LetterCodes.TimeStamp, new LetterVerifier([office.Root], [second.Trusted]).Check(signed).Code);
        Assert.AreEqual(LetterCodes.TimeStamp, new LetterVerifier([office.Root], []).Check(signed).Code);
        Assert.IsTrue(new LetterVerifier([second.Root, office.Root], [second.Trusted, office.Trusted]).Check(signed).Ok);
        Assert.AreEqual(LetterCodes.Unsigned, office.Verifier.Check(LetterRenderer.Render(Samples.Letter())).Code);

        // A token over something else than this signature.
        var signer = new LetterSigner([office.Certificate], office.SignDigestAsync, (_, c) => office.StampAsync(Samples.Digest("else"), c));
        Assert.AreEqual(LetterCodes.TimeStamp, office.Verifier.Check(await signer.SignAsync(LetterRenderer.Render(Samples.Letter()))).Code);
    }

    [TestMethod]
    public async Task A_certificate_that_had_expired_or_may_not_sign_is_refused()
    {
        var now = TimeProvider.System.GetUtcNow();
        var unsigned = LetterRenderer.Render(Samples.Letter());
        using var expired = Issue(now.AddDays(-1), now.AddHours(-1), X509KeyUsageFlags.DigitalSignature);
        Assert.AreEqual(LetterCodes.Untrusted, office.Verifier.Check(await office.SignAsync(unsigned, [expired])).Code);
        using var encipher = Issue(now.AddDays(-1), now.AddDays(1), X509KeyUsageFlags.KeyEncipherment);
        Assert.AreEqual(LetterCodes.Certificate, office.Verifier.Check(await office.SignAsync(unsigned, [encipher])).Code);
        using var good = Issue(now.AddDays(-1), now.AddDays(1), X509KeyUsageFlags.NonRepudiation);
        Assert.IsTrue(office.Verifier.Check(await office.SignAsync(unsigned, [good])).Ok);
    }

    [TestMethod]
    public void A_verifier_is_safe_on_many_threads()
        => Parallel.For(0, 500, i => Assert.IsTrue(office.Verifier.Check(signed).Ok));

    private static X509Certificate2 Issue(DateTimeOffset from, DateTimeOffset until, X509KeyUsageFlags usage)
    {
        var request = new CertificateRequest("CN=Other signer", office.Key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, critical: true));
        return request.Create(office.Root, from, until, [9, 9, 9]);
    }
}
