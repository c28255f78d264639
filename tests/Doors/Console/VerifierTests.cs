using Notary.Verification.Tests;

namespace Notary.Pages.Tests;

/// <summary>The browser's verifier in a real browser: it says what the command says, and the file stays where it is.</summary>
[TestClass]
public sealed partial class VerifierTests
{
    // About one forgery in twenty is several hundred; all of them run in Node, beside the command (ForgeTests).
    private const string OneIn = "20";
    private const int AtLeast = 300;

    private static readonly string[] Rungs = ["bytes", "manifest", "inclusion", "checkpoint", "time", "chain", "letter", "status"];

    public required TestContext TestContext { get; set; }

    [TestMethod]
    public async Task OnEveryRungTheVerdictOfAForgedBundleIsTheCommands()
    {
        var evidence = await Fixture.EvidenceAsync();
        await using var visit = await OpenAsync(evidence, new Look { Chinese = false });
        using var judges = new ForgeJudges();
        var (count, refused, differ) = (0, 0, new List<string>());
        await foreach (var forgery in NodeForge.RunAsync(["--seed", "browser", "--one-in", OneIn]))
        {
            var (outcome, rungs, text) = await judges.JudgeAsync(forgery with { Lists = [.. forgery.Lists.Select(AsTheCommandReadsIt)] });
            await visit.Page.Clock.SetFixedTimeAsync(forgery.Now.UtcDateTime);
            var (found, ladder) = await JudgeAsync(visit.Page, forgery.Bundle, forgery.Trust, forgery.Lists);
            Assert.AreEqual("", string.Join('\n', visit.Findings), forgery.Kind);
            count++;
            refused += outcome is "failed" or "trust" ? 1 : 0;
            if (!(forgery with { Outcome = outcome, Rungs = rungs }).IsJudgedAlike(found, ladder))
                differ.Add($"{forgery.Kind}: command {outcome} {Line(rungs)}\n  browser {found} {Line(ladder)}\n{text}");
        }

        TestContext.WriteLine($"{count} bundles in the browser, {refused} refused, {differ.Count} judged differently");
        Assert.IsGreaterThanOrEqualTo(AtLeast, count);
        Assert.IsGreaterThan(count / 2, refused);
        Assert.AreEqual("", string.Join('\n', differ.Take(20)), $"{differ.Count} of {count} judged differently");
    }

    /// <summary>Everything that a stranger may drop, judged by the office's own trust roots.</summary>
    [TestMethod]
    [DynamicData(nameof(BrowserTests.Looks), typeof(BrowserTests))]
    public async Task ABundleALetterAndAnOriginalAreJudgedAndShown(object how)
    {
        var (evidence, look) = (await Fixture.EvidenceAsync(), (Look)how);
        await using var visit = await OpenAsync(evidence, look);
        var before = visit.Requests.Count;

        // Without its bundle an original is only hashed.
        Assert.AreEqual("original", await DropAsync(visit.Page, "合同.pdf", evidence.Original));
        await Assertions.Expect(visit.Page.Locator("#result .notice-info")).ToBeVisibleAsync();
        await Assertions.Expect(visit.Page.Locator("#result .hex")).ToHaveTextAsync(Convert.ToHexStringLower(SHA256.HashData(evidence.Original)));

        Assert.AreEqual("bundle", await DropAsync(visit.Page, "a.evidence.zip", evidence.Bundle));
        Assert.AreEqual("verified", await OutcomeAsync(visit.Page));
        var (_, rungs) = await LadderAsync(visit.Page);
        CollectionAssert.AreEquivalent(Rungs, rungs.Keys);
        Assert.AreEqual("unknown offline", rungs["chain"]);
        await visit.PictureAsync($"verified-{look}");
        await visit.PrintAsync($"verified-{look}");
        Assert.AreEqual("", string.Join('\n', await visit.JudgeAsync()));

        Assert.AreEqual("original", await DropAsync(visit.Page, "合同.pdf", evidence.Original));
        await Assertions.Expect(visit.Page.Locator("#result .notice-ok")).ToBeVisibleAsync();
        Assert.AreEqual("original", await DropAsync(visit.Page, "合同.pdf", [.. evidence.Original, 0]));
        await Assertions.Expect(visit.Page.Locator("#result .notice-bad")).ToBeVisibleAsync();

        Assert.AreEqual("letter", await DropAsync(visit.Page, "letter.pdf", evidence.Letter));
        Assert.AreEqual("unjudged", await OutcomeAsync(visit.Page));
        Assert.AreEqual("unknown letter-alone", (await LadderAsync(visit.Page)).Rungs["letter"]);
        await visit.PictureAsync($"letter-{look}");

        byte[] forged = [.. evidence.Bundle];
        forged[Array.LastIndexOf(forged, (byte)'D') - 40_000] ^= 1;
        Assert.AreEqual("bundle", await DropAsync(visit.Page, "forged.evidence.zip", forged));
        Assert.AreEqual("failed", await OutcomeAsync(visit.Page));
        await visit.PictureAsync($"forged-{look}");
        Assert.AreEqual("", string.Join('\n', await visit.JudgeAsync()));

        // Nothing was asked for since the page was there: the file went nowhere.
        Assert.AreEqual(before, visit.Requests.Count, string.Join('\n', visit.Requests.Skip(before).Select(r => r.Url)));
    }

    [TestMethod]
    public async Task WithTheBundlesOwnTrustNothingIsVerified()
    {
        var evidence = await Fixture.EvidenceAsync();
        await using var visit = await OpenAsync(evidence, new Look());
        var (outcome, rungs) = await JudgeAsync(visit.Page, evidence.Bundle, null, []);
        Assert.AreEqual("unjudged", outcome);
        Assert.AreEqual("unknown own-trust", rungs["status"]);
        Assert.AreEqual("verified", (await JudgeAsync(visit.Page, evidence.Bundle, evidence.Trust, [])).Outcome);
        Assert.AreEqual("trust", (await JudgeAsync(visit.Page, evidence.Bundle, "{}"u8.ToArray(), [])).Outcome);
    }

    /// <summary>The policy that the page tells of is the browser's, for the page and for its worker.</summary>
    [TestMethod]
    public async Task NeitherThePageNorItsWorkerCanSpeakToAnybody()
    {
        var evidence = await Fixture.EvidenceAsync();
        await using var visit = await OpenAsync(evidence, new Look());
        Assert.Contains("connect-src 'none'", (await visit.GoAsync("/verify")).Headers["content-security-policy"]);
        Assert.AreEqual("refused", await visit.Page.EvaluateAsync<string>("fetch('/healthz').then(() => 'sent', () => 'refused')"));
        var worker = await visit.Page.Locator("#verifier").GetAttributeAsync("data-worker");
        using var answer = await evidence.App.Http.GetAsync(new Uri(worker!.TrimStart('/'), UriKind.Relative));
        Assert.Contains("default-src 'none'", answer.Headers.GetValues("Content-Security-Policy").Single());
        Assert.AreEqual("refused", await visit.Page.Workers.Single().EvaluateAsync<string>("fetch('/healthz').then(() => 'sent', () => 'refused')"));
    }

    /// <summary>Judging needs no network once the page is there.</summary>
    [TestMethod]
    public async Task ItWorksWithoutANetwork()
    {
        var evidence = await Fixture.EvidenceAsync();
        await using var visit = await OpenAsync(evidence, new Look());
        await visit.Page.Context.SetOfflineAsync(true);
        Assert.AreEqual("bundle", await DropAsync(visit.Page, "a.evidence.zip", evidence.Bundle));
        Assert.AreEqual("verified", await OutcomeAsync(visit.Page));
    }

    /// <summary>What a first visit costs on the wire.</summary>
    [TestMethod]
    public async Task TheFirstVisitIsSmall()
    {
        const int most = 100 * 1024;
        var evidence = await Fixture.EvidenceAsync();
        await using var visit = await OpenAsync(evidence, new Look());
        var sizes = await Task.WhenAll(visit.Requests.Select(async r => (r.Url, Size: await SizeAsync(evidence.App.Http, r.Url))));
        TestContext.WriteLine(string.Join('\n', sizes.Select(s => $"{s.Size} {s.Url}")));
        Assert.IsTrue(sizes.Any(s => s.Url.Contains("verify-worker", StringComparison.Ordinal)));
        Assert.IsLessThanOrEqualTo(most, sizes.Sum(s => s.Size));
    }

    /// <summary>As browsers get it, which do not tell the size of a worker.</summary>
    private static async Task<long> SizeAsync(HttpClient http, string url)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip, br");
        using var answer = await http.SendAsync(request);
        return answer.Content.Headers.ContentLength!.Value;
    }

    /// <summary>No verdict is shown as a bare code.</summary>
    [TestMethod]
    public void EveryCodeOfTheDocumentsHasASentence()
    {
        string Document(string name) => System.IO.File.ReadAllText(Path.Combine(Repository.Root, "docs", name));
        var ladder = Rows(Document("evidence-format.md"), "## Verdict ladder", "**Order.**").SelectMany(row => Codes().Matches(row[3]));
        var tokens = Rows(Document("trusted-time.md"), "| Code |", "An accepted token").SelectMany(row => Codes().Matches(row[1]));
        var documented = ladder.Concat(tokens).Select(code => code.Groups[1].Value).ToHashSet();
        var known = NodeForge.Lines(Path.Combine(Repository.Root, "tests", "Doors", "Console", "reasons.mjs"))
            .Select(line => line.Split('/')[^1]).ToHashSet();
        Assert.IsGreaterThan(60, documented.Count);
        Assert.AreEqual("", string.Join(' ', documented.Except(known)));
    }

    private static IEnumerable<string[]> Rows(string text, string from, string to)
    {
        var start = text.IndexOf(from, StringComparison.Ordinal);
        return text[start..text.IndexOf(to, start, StringComparison.Ordinal)].Split('\n')
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Select(line => line.Split('|'));
    }

    [System.Text.RegularExpressions.GeneratedRegex("`([a-z]+(?:-[a-z]+)*)`")]
    private static partial System.Text.RegularExpressions.Regex Codes();

    /// <summary>A revocation list is given as DER or PEM.</summary>
    private static byte[] AsTheCommandReadsIt(byte[] list)
        => PemEncoding.TryFindUtf8(list, out var pem) ? Convert.FromBase64String(Encoding.ASCII.GetString(list.AsSpan()[pem.Base64Data])) : list;

    private static async Task<Visit> OpenAsync(Fixture.Evidence evidence, Look look)
    {
        var visit = await (await Fixture.BrowserAsync()).VisitAsync(evidence.App.Url, look);
        Assert.AreEqual(200, (await visit.GoAsync("/verify")).Status);
        await Assertions.Expect(visit.Page.Locator("#file")).ToBeEnabledAsync();
        return visit;
    }

    /// <summary>Drops a bundle under a trust file of one's own, or under the bundle's.</summary>
    private static async Task<(string Outcome, SortedDictionary<string, string> Rungs)> JudgeAsync(
        IPage page, byte[] bundle, byte[]? trust, IReadOnlyList<byte[]> lists)
    {
        await page.Locator($"input[name=trust][value={(trust is null ? "bundle" : "own")}]").CheckAsync();
        if (trust is not null)
            await page.Locator("#own-trust").SetInputFilesAsync(File("trust.json", trust));

        await page.Locator("#lists").SetInputFilesAsync([.. lists.Select((list, i) => File($"{i}.crl", list))]);
        return await DropAsync(page, "b.evidence.zip", bundle) == "trust" ? ("trust", []) : await LadderAsync(page);
    }

    /// <summary>Chooses a file and waits for what is said of it.</summary>
    private static async Task<string> DropAsync(IPage page, string name, byte[] bytes)
    {
        await page.Locator("#file").SetInputFilesAsync(File(name, bytes));
        await Assertions.Expect(page.Locator("#result[data-kind] h2")).ToHaveTextAsync(name, new LocatorAssertionsToHaveTextOptions { Timeout = 60_000 });
        return (await page.Locator("#result").GetAttributeAsync("data-kind"))!;
    }

    private static async Task<string> OutcomeAsync(IPage page) => (await page.Locator("#result").GetAttributeAsync("data-outcome"))!;

    private static async Task<(string Outcome, SortedDictionary<string, string> Rungs)> LadderAsync(IPage page)
    {
        var verdicts = await page.EvaluateAsync<string[]>(
            "() => [...document.querySelectorAll('.rung li')].map(v => `${v.closest('.rung').dataset.rung} ${v.dataset.mark} ${v.dataset.code}`)");
        var rungs = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var rung in verdicts.GroupBy(v => v.Split(' ')[0]))
        {
            rungs[rung.Key] = string.Join(", ", rung.Select(v => v[(rung.Key.Length + 1)..]).Where(v => v != "pass ok")
                .Distinct().Order(StringComparer.Ordinal));
        }

        return (await OutcomeAsync(page), rungs);
    }

    private static string Line(SortedDictionary<string, string> rungs)
        => string.Join("; ", rungs.Where(r => r.Value.Length > 0).Select(r => $"{r.Key} {r.Value}"));

    private static FilePayload File(string name, byte[] bytes) => new() { Name = name, MimeType = "application/octet-stream", Buffer = bytes };
}
