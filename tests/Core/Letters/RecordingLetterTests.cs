using System.Diagnostics;
using Notary.Letters.Pictures;
using Notary.Verification.Recordings;

namespace Notary.Letters.Tests;

/// <summary>Remote forensics letters: rendered with their pictures, signed, judged, and told from what was tampered with.</summary>
[TestClass]
public sealed class RecordingLetterTests
{
    private static Dictionary<Digest, LetterPicture> pictures = [];
    private static Digest screen, thumbnail;

    [ClassInitialize]
    public static async Task DrawAsync(TestContext context)
    {
        (var png, var jpeg) = (LetterPicture.Of(await PictureAsync("png", "1280x800"))!, LetterPicture.Of(await PictureAsync("mjpeg", "320x240"))!);
        (screen, thumbnail) = (png.Digest, jpeg.Digest);
        pictures = new() { [screen] = png, [thumbnail] = jpeg };
    }

    [TestMethod]
    public async Task It_is_signed_and_its_pages_and_pictures_are_judged()
    {
        await using var office = await Office.OpenAsync();
        foreach (var facts in Letters())
        {
            var pdf = LetterRenderer.Render(facts, pictures);
            CollectionAssert.AreEqual(pdf, LetterRenderer.Render(facts, pictures));
            var signed = await office.SignAsync(pdf, [office.Certificate, office.Root]);
            var check = office.Verifier.CheckRecording(signed, out var read);
            Assert.IsTrue(check.Ok, check.Reason);
            CollectionAssert.AreEqual(facts.ToJson(), read!.ToJson());

            // None of the three kinds passes for another.
            Assert.AreEqual(LetterCodes.Malformed, office.Verifier.Check(signed).Code);
            Assert.AreEqual(LetterCodes.Malformed, office.Verifier.CheckCertificate(signed, out _).Code);
        }

        var letter = await office.SignAsync(LetterRenderer.Render(Samples.Letter()));
        Assert.AreEqual(LetterCodes.Malformed, office.Verifier.CheckRecording(letter, out var none).Code);
        Assert.IsNull(none);

        // Another picture in place of the one that the facts have, of the same length.
        var whole = LetterRenderer.Render(Letters()[0], pictures);
        var at = whole.AsSpan().IndexOf(pictures[screen].Data);
        whole[at + (pictures[screen].Data.Length / 2)] ^= 1;
        Assert.AreEqual(LetterCodes.Pages, office.Verifier.CheckRecording(await office.SignAsync(whole), out _).Code);
    }

    [TestMethod]
    public async Task Independent_tools_accept_it_and_see_its_text_and_pictures()
    {
        await using var office = await Office.OpenAsync();
        foreach (var facts in Letters())
        {
            var signed = await office.SignAsync(LetterRenderer.Render(facts, pictures), [office.Certificate, office.Root]);
            await ToolJudges.AcceptAsync(signed);
            var (code, output) = await Tool.RunAsync(signed, "pdfsig", "{}");
            Assert.AreEqual(0, code, output);
            StringAssert.Contains(output, "Signature is Valid");
            StringAssert.Contains(output, "Total document signed");
            (code, output) = await Tool.RunAsync(signed, "pdfimages", "-list", "{}");
            var listed = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[2..]
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
            Assert.AreEqual((0, facts.PicturesShown().Count()), (code, listed.Count), output);
            Assert.AreEqual(facts.PicturesShown().Count(p => p == thumbnail), listed.Count(l => l[8] == "jpeg"));
            Assert.IsTrue(listed.All(l => $"{l[3]}x{l[4]} {l[5]} {l[7]}" is "320x200 rgb 8" or "320x240 rgb 8" or "320x240 ycc 8"), output);

            var text = string.Concat((await Tool.TextAsync(signed)).Where(c => !char.IsWhiteSpace(c)));
            foreach (var capture in facts.Recording.Captures.Listed.Where(c => c.Compared?.Verdict is "agrees" or "differs"))
                StringAssert.Contains(text, capture.Compared!.Verdict == "agrees" ? "一致theyagree" : "不一致theyDIFFER");

            foreach (var word in (string[])["远程取证存证函", facts.Recording.Session.ToString(), facts.Recording.Head.ToString(), facts.Deposit.Package.ToString(),
                facts.Deposit.Page, facts.VerifyUrl.OriginalString, "本函不证明", .. facts.Recording.Checks.Listed.Select(c => c.Name),
                .. facts.Recording.Files.Listed.Select(f => f.Digest.ToString())])
                StringAssert.Contains(text, string.Concat(word.Where(c => !char.IsWhiteSpace(c))));

            await NothingIsCutAsync(signed);
            if (Environment.GetEnvironmentVariable("NOTARY_PICTURES") is { } folder)
                await File.WriteAllBytesAsync(Path.Combine(folder, $"recording-{Letters().ToList().FindIndex(f => f.Number == facts.Number)}.pdf"), signed);
        }
    }

    [TestMethod]
    public async Task Every_fact_that_was_exchanged_under_the_pages_is_found()
    {
        await using var office = await Office.OpenAsync();
        var facts = Letters()[2];
        var (json, pdf) = (facts.ToJson(), LetterRenderer.Render(facts, pictures));
        var at = pdf.AsSpan().IndexOf(json);
        var tried = 0;
        for (var place = 0; place < json.Length - 1; place++)
        {
            // The last digit of every value that ends with one.
            if (json[place + 1] is not ((byte)'"' or (byte)',' or (byte)'}') || !char.IsAsciiDigit((char)json[place]))
                continue;

            var other = (byte[])json.Clone();
            other[place] = other[place] == (byte)'7' ? (byte)'8' : (byte)'7';
            var forged = (byte[])pdf.Clone();
            other.CopyTo(forged, at);
            var check = office.Verifier.CheckRecording(await office.SignAsync(forged), out var read);
            Assert.IsFalse(check.Ok, System.Text.Encoding.UTF8.GetString(other.AsSpan(Math.Max(0, place - 40), 41)));
            CollectionAssert.Contains((string[])[LetterCodes.Pages, LetterCodes.Malformed], check.Code);
            Assert.IsNull(read);
            tried++;
        }

        Assert.IsGreaterThan(15, tried);
    }

    [TestMethod]
    public async Task What_is_no_picture_is_left_out()
    {
        var png = await PictureAsync("png", "64x48");
        Assert.IsNotNull(LetterPicture.Of(png));
        Assert.IsNull(LetterPicture.Of([]));
        Assert.IsNull(LetterPicture.Of("no picture at all"u8));
        Assert.IsNull(LetterPicture.Of(await PictureAsync("gif", "64x48")));
        for (var length = 0; length < png.Length - 40; length += 7)
            Assert.IsNull(LetterPicture.Of(png.AsSpan(0, length)), $"{length}");

        // Any byte may be another: no exception, and never more than a picture of the bounds.
        for (var i = 0; i < 400; i++)
        {
            var other = (byte[])png.Clone();
            other[i * 31 % other.Length] ^= (byte)(1 << (i % 8));
            _ = LetterPicture.Of(other);
        }
    }

    /// <summary>No text runs over a page's edge.</summary>
    private static async Task NothingIsCutAsync(byte[] pdf)
    {
        var (code, boxes) = await Tool.RunAsync(pdf, "pdftotext", "-bbox", "{}", "-");
        Assert.AreEqual(0, code, boxes);
        const string Box = "xMin=\"([-0-9.]+)\" yMin=\"([-0-9.]+)\" xMax=\"([-0-9.]+)\" yMax=\"([-0-9.]+)\"";
        foreach (var word in System.Text.RegularExpressions.Regex.Matches(boxes, Box)
            .Select(m => m.Groups.Values.Skip(1).Select(g => double.Parse(g.Value, CultureInfo.InvariantCulture)).ToArray()))
            Assert.IsTrue(word[0] >= 40 && word[1] >= 0 && word[2] <= 595.3 - 40 && word[3] <= 842, string.Join(' ', word));
    }

    /// <summary>A usual one; one of a session that had much of everything, and strange names; one that broke off with nothing in it.</summary>
    private static IReadOnlyList<RecordingFacts> Letters()
    {
        var address = "https://site.example/" + string.Concat(Enumerable.Repeat("a-long-path/%E4%B8%AD/", 17)) + "…";
        var usual = Letter(4713, "exit", 31, 2, 3, 1, "https://site.example/film?id=1");
        return
        [
            usual,
            Letter(4714, "longest", 200, 50, 30, 30, "https://site.example/" + new string('x', 2000)) with
            {
                Recording = Letter(4714, "longest", 200, 50, 30, 30, address).Recording with
                {
                    Outcome = "failed", Findings = ["heads head-late", "times dated-late"],
                },
            },
            Letter(4715, null, 0, 0, 0, 0, "http://127.0.0.1:9/"),
        ];

        RecordingFacts Letter(int number, string? close, int checks, int files, int marks, int captures, string page)
        {
            var at = DateTimeOffset.FromUnixTimeMilliseconds(Samples.Received.ToUnixTimeMilliseconds());
            HeadLine Head(long link) => new(link, Samples.Digest($"head {link}"),
                [new("national-time", at.AddSeconds(link)), new("second-tsa", at.AddSeconds(link + 1))]);
            var recording = new RecordingSummary(
                DepositId.Parse("019caac2-5a20-7d31-8c4e-5f60718293a4"), close is null ? "unjudged" : "verified", close is null ? ["close broken-off"] : [],
                Samples.Digest("chain"), 1234, at, checks == 0 ? null : at.AddSeconds(9), at.AddMinutes(17), close, "1280 × 800, 10", 231, 9_870, 987_654_321,
                new([.. Enumerable.Range(0, Math.Min(files, 20)).Select(i
                    => new GapLine(i % 2 == 0 ? "paused" : "clock-jump", i * 1_000_000L, 412_345))], files),
                files * 412_345L, 61, Head(3), Head(1233), new ExposureLine(17, 28_123_456, close is not null), checks == 0 ? null : at.AddSeconds(5),
                checks == 0 ? null : "clean",
                new([.. Enumerable.Range(0, checks).Select(i => new CheckLine($"check number {i}",
                    i % 3 == 0 ? "" : $"sha-256 {Samples.Digest($"{i}")}  /usr/lib", i % 5 == 0 ? new string('很', 400) : "127.0.0.1\tlocalhost desktop\n",
                    (i % 3) switch { 0 => "pass", 1 => "fail", _ => "unknown" }))], checks),
                new([.. Enumerable.Range(0, files).Select(i => new FileLine(
                    i == 0 ? "邮件 \u202Egpj.exe שלום" : $"合同 {i}.pdf", i % 2 == 0 ? "upload" : "download",
                    i % 2 == 0 ? null : address, at.AddSeconds(60 + i), 1_234_567, Samples.Digest($"file {i}")))], files + (files == 50 ? 70 : 0)),
                new([.. Enumerable.Range(0, marks).Select(i => new MarkLine($"此处重要 {i}", at.AddSeconds(100 + i), screen, i % 4 == 3 ? null : screen))], marks),
                new([.. Enumerable.Range(0, captures).Select(i
                    => new CaptureLine(i + 1, address, at.AddSeconds(200 + i), 5, thumbnail, thumbnail, i == 1 ? null : Compared(i)))], captures));
            return new RecordingFacts(
                RecordingFacts.NumberOf(at, "示浦", number), new LetterOffice("示范公证处", "Model Notary Office"),
                new("示浦", "示范市示浦区公证路 1 号", "示范存证平台有限公司", "示范公证联盟链", "示范链运营有限公司"),
                new RecordingDeposit("did:web:notary.example:tenants:acme", "北京示例科技有限公司", DepositId.Parse("019ab0c4-6f5b-7d3e-8a11-0123456789ab"),
                    Samples.Digest("manifest"), number - 1, 123_456_789, Samples.Digest("package"), page, checks == 31 ? "取证 一" : "", "本机 this machine"),
                recording, new Uri("https://notary.example" + LetterFacts.VerifyPath(Samples.Digest("manifest"), number - 1)), at.AddMinutes(20));
        }
    }

    /// <summary>Every verdict, and every kind of difference.</summary>
    private static ComparisonLine Compared(int number)
    {
        string[] kinds = ["not-in-dom", "nowhere", "pieces", "typed", "gone", "not-in-second", "only-in-second", "no-wire"];
        var verdict = ((string[])["agrees", "differs", "unknown", "unjudged"])[number % 4];
        var differences = verdict == "differs" ? 10 : verdict == "unknown" ? 1 : 0;
        return new(verdict, new([.. Enumerable.Range(0, differences).Select(i => new DifferenceLine(
            kinds[(number + i) % kinds.Length], i % 4 == 3 ? new string('价', 200) : $"The price is {i} \u202E001"))], differences == 10 ? 73 : differences));
    }

    private static async Task<byte[]> PictureAsync(string codec, string size)
    {
        using var ffmpeg = Process.Start(new ProcessStartInfo("ffmpeg",
            ["-hide_banner", "-loglevel", "error", "-f", "lavfi", "-i", $"testsrc=size={size}", "-frames:v", "1",
                .. codec == "png" ? (string[])["-pix_fmt", "rgb24"] : [], "-c:v", codec, "-f", codec == "gif" ? "gif" : "image2pipe", "-"])
        { RedirectStandardOutput = true })!;
        using var picture = new MemoryStream();
        await ffmpeg.StandardOutput.BaseStream.CopyToAsync(picture);
        await ffmpeg.WaitForExitAsync();
        Assert.AreEqual(0, ffmpeg.ExitCode);
        return picture.ToArray();
    }
}
