using System.Text;

namespace Notary.Letters.Tests;

/// <summary>B-LTA: letters that carry revocation lists under a document time-stamp, and what is said of them when keys are revoked.</summary>
[TestClass]
public sealed class ArchiveTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private static Office office = null!;
    private static Office second = null!;
    private static LetterVerifier verifier = null!;
    private static byte[] signed = null!;
    private static byte[] archived = null!;

    [ClassInitialize]
    public static async Task ArchiveOneAsync(TestContext context)
    {
        (office, second) = (await Office.OpenAsync(), await Office.OpenAsync(TestKey.Rsa3072));
        verifier = Verifier();
        signed = await office.SignAsync(LetterRenderer.Render(Samples.Letter()), [office.Certificate, office.Root]);
        archived = await ArchiveAsync(Material());
    }

    [ClassCleanup]
    public static async Task CloseAsync()
    {
        await office.DisposeAsync();
        await second.DisposeAsync();
    }

    [TestMethod]
    public void It_is_good_and_says_what_it_is()
    {
        var check = verifier.Check(archived);
        Assert.IsTrue(check.Ok, check.Reason);
        Assert.AreEqual(signed.Length, archived.AsSpan().CommonPrefixLength(signed), "the signed revision stays as it is");
        StringAssert.StartsWith(check.LongLife, "PAdES B-LTA, archived ");
        Assert.HasCount(3, RegexCount(check.LongLife, "not revoked on the list of "), check.LongLife);
        CollectionAssert.AreEqual(Material().Tokens.ToArray(), check.Archive!.Tokens.ToArray());
        Assert.IsGreaterThanOrEqualTo(check.SignedAt!.Value, check.ArchivedAt!.Value);
        Assert.HasCount(3, check.Links);
    }

    [TestMethod]
    public void A_letter_of_one_revision_stays_good_and_says_what_it_is()
    {
        foreach (var letter in (byte[][])[signed, archived[..signed.Length]])
        {
            var check = verifier.Check(letter);
            Assert.IsTrue(check.Ok, check.Reason);
            Assert.IsNull(check.ArchivedAt);
            Assert.AreEqual("PAdES B-T, not archived; signer: revocation was not judged; tsa: revocation was not judged", check.LongLife);
        }
    }

    [TestMethod]
    public async Task Pdfsig_qpdf_and_mutool_accept_it()
    {
        await ToolJudges.AcceptAsync(archived);
        var (code, output) = await Tool.RunAsync(archived, "pdfsig", "-nocert", "{}");
        Assert.AreEqual(0, code, output);
        var parts = output.Split("Signature #");
        Assert.HasCount(3, parts, output);
        StringAssert.Contains(parts[1], "ETSI.CAdES.detached");
        StringAssert.Contains(parts[1], "Signature Validation: Signature is Valid.");
        StringAssert.Contains(parts[1], "Not total document signed");

        // Poppler knows the field and its range, and not this type of signature.
        StringAssert.Contains(parts[2], "Timestamp1");
        StringAssert.Contains(parts[2], "Total document signed");
        (code, output) = await Tool.RunAsync(archived, "qpdf", "--show-object=trailer", "{}");
        Assert.AreEqual(0, code, output);
        (_, output) = await Tool.RunAsync(archived, "mutool", "show", "{}", "trailer/Root/DSS");
        StringAssert.Contains(output, "/CRLs");
    }

    [TestMethod]
    public async Task Openssl_accepts_the_time_stamp_over_the_whole_file()
    {
        var start = archived.AsSpan().LastIndexOf("/Contents <"u8) + 10;
        var end = start + archived.AsSpan(start).IndexOf((byte)'>') + 1;
        using var openssl = new OpenSsl();
        openssl.Write("token", Convert.FromHexString(archived.AsSpan(start + 1, end - start - 2)));
        openssl.Write("covered", (byte[])[.. archived[..start], .. archived[end..]]);
        openssl.Write("root.pem", second.Authority.Root);
        await openssl.MustAsync("ts", "-verify", "-token_in", "-in", "token", "-data", "covered", "-CAfile", "root.pem");
    }

    [TestMethod]
    public void Every_flipped_byte_of_the_archive_is_found()
    {
        var random = new Random(20261129);
        var missed = new List<string>();
        var copy = (byte[])archived.Clone();
        for (var i = signed.Length - 100; i < copy.Length - 8; i++)
        {
            // Of the zeros after the time-stamp one in many.
            var kept = copy[i];
            if (i % 32 != 0 && copy[i - 8] == '0' && copy.AsSpan(i - 8, 8).SequenceEqual(copy.AsSpan(i, 8)))
                continue;

            copy[i] ^= (byte)(1 << random.Next(8));
            if (verifier.Check(copy).Ok)
                missed.Add($"{i}: {kept:x2}→{copy[i]:x2}");

            copy[i] = kept;
        }

        Assert.IsEmpty(missed, string.Join(", ", missed.Take(20)));
        Assert.IsTrue(verifier.Check(copy).Ok, "and the letter itself is still good");
    }

    [TestMethod]
    public async Task What_is_appended_otherwise_is_refused()
    {
        // A genuine archive first, then whatever an attacker can have stamped: an authority stamps any digest.
        byte[][] others =
        [
            [.. archived, (byte)'\n'], archived[..^1], archived[..(signed.Length + 200)], [.. archived, .. archived[signed.Length..]],
            [.. signed, .. Later("5 0 obj\n<< /Type /Metadata >>\nendobj\n", 5)],
            [.. archived, .. Later("5 0 obj\n<< /Type /Metadata >>\nendobj\n", 5)],
            await StampedAsync("/F 132 /Rect [0 0 0 0]", "/F 132 /Rect [0 0 9 9]"),
            await StampedAsync("/Type /DSS ", "/Type /XSS "),
            await StampedAsync("/Rect [0 0 0 0] ", "/AA [0 0 0 0] /A"),
            await StampedAsync("/Lang (zh-CN)", "/Lang (zh-TW)"),
        ];
        foreach (var other in others)
        {
            var check = verifier.Check(other);
            Assert.AreEqual(LetterCodes.Malformed, check.Code, check.Reason);
        }

        // The same way with nothing changed is good, so the way is.
        Assert.IsTrue(verifier.Check(await StampedAsync("/Type /DSS ", "/Type /DSS ")).Ok);
        Assert.AreEqual(LetterCodes.Archive, verifier.Check(Material().Append(signed).File).Code, "no time-stamp yet");
        Assert.ThrowsExactly<FaultException>(() => Material().Append(archived));
    }

    [TestMethod]
    public async Task An_archive_of_a_stranger_or_of_another_letter_is_refused()
    {
        await using var stranger = await Office.OpenAsync();
        Assert.AreEqual(LetterCodes.Archive, verifier.Check(await LetterArchivist.ArchiveAsync(signed, Material(), stranger.StampAsync)).Code);
        var other = await office.SignAsync(LetterRenderer.Render(Samples.Letter() with { DepositorName = "另一公司" }));
        Assert.AreEqual(LetterCodes.Malformed, verifier.Check((byte[])[.. other, .. archived[signed.Length..]]).Code);

        second.Authority.TimeOffset = -Hour;
        var early = await ArchiveAsync(Material());
        second.Authority.TimeOffset = TimeSpan.Zero;
        Assert.AreEqual(LetterCodes.Archive, verifier.Check(early).Code);
    }

    [TestMethod]
    public async Task Lists_of_others_expired_lists_and_partial_ones_do_not_count()
    {
        var now = TimeProvider.System.GetUtcNow();
        using var namesake = TestCertificates.CreateRoot("Letter root");
        foreach (var list in (byte[][])[new TestRevocations(namesake).List(), office.Revocations.List(now.AddDays(-30)), [], [0x30, 0], Mutilated()])
        {
            var check = verifier.Check(await ArchiveAsync(Material() with { Lists = [list, second.Authority.Revocations.List()] }));
            Assert.IsTrue(check.Ok, check.Reason);
            StringAssert.Contains(check.LongLife, "signer: revocation was not judged; tsa: revocation was not judged");
        }

        byte[] Mutilated()
        {
            var list = office.Revocations.List();
            list[^1] ^= 1;
            return list;
        }
    }

    [TestMethod]
    public void A_revoked_signer_is_refused_and_one_revoked_later_is_not()
    {
        var now = TimeProvider.System.GetUtcNow();
        foreach (var reason in (X509RevocationReason?[])[null, X509RevocationReason.Superseded, X509RevocationReason.KeyCompromise])
        {
            var check = verifier.Check(signed, Revoked(office.Root, office.Certificate, now - Hour, reason));
            Assert.AreEqual(LetterCodes.Revoked, check.Code, check.Reason);
            check = verifier.Check(signed, Revoked(office.Root, office.Certificate, now + Hour, reason));
            Assert.IsTrue(check.Ok, check.Reason);
            StringAssert.Contains(check.LongLife, "signer: revoked on ");
            StringAssert.Contains(check.LongLife, "after a time-stamp that shows it was there");
        }
    }

    [TestMethod]
    public void A_revoked_authority_is_refused_unless_what_it_stamped_is_known_to_be_older()
    {
        var now = TimeProvider.System.GetUtcNow();
        var (alpha, beta) = (office.Authority, second.Authority);
        byte[] Of(TimestampAuthority a, TimeSpan at, X509RevocationReason? reason) => Revoked(a.RootWithKey, a.Certificate, now + at, reason);
        (byte[] Letter, byte[] List, string Code, string Says)[] cases =
        [
            (signed, Of(alpha, -Hour, X509RevocationReason.Superseded), LetterCodes.Revoked, "not after the time that it states"),
            (archived, Of(alpha, -Hour, X509RevocationReason.Superseded), LetterCodes.Revoked, "not after the time that it states"),
            (signed, Of(alpha, Hour, X509RevocationReason.CessationOfOperation), LetterCodes.Ok, "tsa: revoked on "),
            (signed, Of(alpha, Hour, X509RevocationReason.KeyCompromise), LetterCodes.Revoked, "no archive time-stamp shows that it is older"),
            (signed, Of(alpha, Hour, null), LetterCodes.Revoked, "no archive time-stamp shows that it is older"),
            (archived, Of(alpha, Hour, X509RevocationReason.KeyCompromise), LetterCodes.Ok, "(key compromise), after a time-stamp that shows it was there"),
            (archived, Of(alpha, Hour, null), LetterCodes.Ok, "(no reason given), after a time-stamp that shows it was there"),
            (archived, Of(beta, Hour, X509RevocationReason.KeyCompromise), LetterCodes.Ok, "which therefore does not count"),
            (archived, Of(beta, Hour, X509RevocationReason.Superseded), LetterCodes.Ok, "(superseded), after the time that it proves"),
        ];
        foreach (var (letter, list, code, says) in cases)
        {
            var check = verifier.Check(letter, list);
            Assert.AreEqual(code, check.Code, says + ": " + check.Reason);
            StringAssert.Contains(check.Ok ? check.LongLife : check.Reason, says);
        }

        // Both keys in other hands: nothing shows that it is older.
        var both = verifier.Check(archived, Of(alpha, Hour, X509RevocationReason.KeyCompromise), Of(beta, Hour, X509RevocationReason.KeyCompromise));
        Assert.AreEqual(LetterCodes.Revoked, both.Code);
    }

    [TestMethod]
    public void Random_lists_are_no_lists()
    {
        var (list, random) = (office.Revocations.List(), new Random(9));
        for (var i = 0; i < 3000; i++)
        {
            var copy = (byte[])list.Clone();
            copy[random.Next(copy.Length)] ^= (byte)random.Next(1, 256);
            Assert.IsNull(RevocationList.Read(copy, office.Root.RawData, out var why));
            Assert.AreNotEqual("", why);
        }

        Assert.IsNotNull(RevocationList.Read(list, office.Root.RawData, out _));
    }

    private static LetterVerifier Verifier()
        => new([office.Root], [office.Trusted, second.Trusted with { Name = "second" }]);

    private static LetterArchive Material() => new(
        [office.Certificate.RawData, office.Root.RawData, office.Authority.Certificate.RawData, second.Authority.Certificate.RawData],
        [office.Revocations.List(), office.Authority.Revocations.List(), second.Authority.Revocations.List()],
        [Samples.Digest("token"), Samples.Digest("other token")]);

    private static Task<byte[]> ArchiveAsync(LetterArchive archive) => LetterArchivist.ArchiveAsync(signed, archive, second.StampAsync);

    private static byte[] Revoked(X509Certificate2 root, X509Certificate2 certificate, DateTimeOffset at, X509RevocationReason? reason)
    {
        var revocations = new TestRevocations(root);
        revocations.Revoke(certificate, at, reason);
        return revocations.List(at);
    }

    private static string[] RegexCount(string text, string part) => [.. text.Split(part).Skip(1)];

    /// <summary>An archive with one change, stamped after it.</summary>
    private static async Task<byte[]> StampedAsync(string from, string to)
    {
        var (file, slot) = Material().Append(signed);
        var (old, fresh) = (Encoding.ASCII.GetBytes(from), Encoding.ASCII.GetBytes(to));
        Assert.HasCount(old.Length, fresh);
        var at = file.AsSpan(signed.Length).IndexOf(old);
        Assert.IsGreaterThanOrEqualTo(0, at, from);
        fresh.CopyTo(file, signed.Length + at);
        var token = await second.StampAsync(slot.Digest(file));
        return slot.Fill(file, token);
    }

    private static byte[] Later(string appended, int number)
    {
        var text = Encoding.Latin1.GetString(archived);
        var start = text.LastIndexOf("startxref\n", StringComparison.Ordinal) + 10;
        var previous = text[start..text.IndexOf('\n', start)];
        return Encoding.Latin1.GetBytes($"{appended}xref\n{number} 1\n{archived.Length:D10} 00000 n \ntrailer\n<< /Size 200 /Root 1 0 R /Prev {previous} >>\n"
            + $"startxref\n{archived.Length + appended.Length}\n%%EOF\n");
    }
}
