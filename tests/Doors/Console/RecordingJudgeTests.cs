using System.Text.RegularExpressions;
using Notary.Evidence.Forensics;
using Notary.Servers.Forensics;
using Notary.Verification.Tests;
using Clip = Notary.Servers.Forensics.Clip;

namespace Notary.Pages.Tests;

/// <summary>A recorded desktop's package on the public page: judged in the browser, shown rung by rung, and sent nowhere. That it finds what the
/// command finds, for every way to tamper, is TamperingTests' (tests/Core/Verification).</summary>
[TestClass]
public sealed partial class RecordingJudgeTests
{
    [TestMethod]
    public async Task ARecordingIsJudgedInTheBrowserAndGoesNowhere()
    {
        await using var sample = await SampleEvidence.CreateAsync();
        var honest = await Recording.MakeAsync(sample, await Clip.MakeAsync(12), new RecordingShape());
        var site = (await Fixture.EvidenceAsync()).App.Url;
        foreach (var look in (Look[])[new() { Chinese = false }, new() { Width = 360, Height = 740, Dark = true }])
        {
            await using var visit = await (await Fixture.BrowserAsync()).VisitAsync(site, look);
            await visit.GoAsync("/verify");
            await visit.Page.Locator("input[name=trust][value=own]").CheckAsync();
            await visit.Page.Locator("#own-trust").SetInputFilesAsync(File("trust.json", sample.Trust.ToBytes()));

            // What judges is fetched with the page, and may come after the rest of it.
            int Asked() => visit.Requests.Count(request => !request.Url.Contains("/verify-worker.", StringComparison.Ordinal));
            var before = Asked();
            await DropAsync(visit.Page, "honest.zip", Recording.Zip(honest.Files), "verified");
            await Expect(visit.Page.Locator(".rung")).ToHaveCountAsync(12);
            await Expect(visit.Page.Locator("[data-rung=continuity] li").First).ToContainTextAsync("3");
            await visit.PictureAsync($"recording-verified-{look}");
            await visit.PrintAsync($"recording-verified-{look}");
            Assert.AreEqual("", string.Join('\n', await visit.JudgeAsync()));

            // The picture's bytes in the middle of the second segment.
            var video = honest.Files[ForensicsFormat.Video(1)].ToArray();
            video[^20] ^= 1;
            await DropAsync(visit.Page, "forged.zip", Recording.Zip(honest.With((ForensicsFormat.Video(1), video))), "failed");
            await Expect(visit.Page.Locator("[data-code=video-changed]")).ToContainTextAsync("segments/00000001.mp4");
            StringAssert.Contains(await visit.Page.Locator("[data-code=frame-differs]").GetAttributeAsync("data-place"), "\"frame\":79");
            await visit.PictureAsync($"recording-forged-{look}");
            Assert.AreEqual("", string.Join('\n', await visit.JudgeAsync()));

            await visit.Page.Locator("input[name=trust][value=bundle]").CheckAsync();
            await DropAsync(visit.Page, "alone.zip", Recording.Zip(honest.Files), "unjudged");
            Assert.AreEqual(before, Asked());
        }
    }

    /// <summary>No verdict is shown as a bare code.</summary>
    [TestMethod]
    public async Task EveryCodeOfTheFormatHasASentence()
    {
        var text = await System.IO.File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "forensics-format.md"));
        var ladder = text[text.IndexOf("## 8. ", StringComparison.Ordinal)..text.IndexOf("## 9. ", StringComparison.Ordinal)];
        var documented = ladder.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .SelectMany(line => Codes().Matches(line.Split('|')[3])).Select(code => code.Groups[1].Value).ToHashSet();
        var known = NodeForge.Lines(Path.Combine(Repository.Root, "tests", "Doors", "Console", "recording-codes.mjs"))
            .Select(line => line.Split('/')[^1]).ToHashSet();
        Assert.IsGreaterThan(60, documented.Count);
        Assert.AreEqual("", string.Join(' ', documented.Except(known)));
    }

    private static async Task DropAsync(IPage page, string name, byte[] bytes, string outcome)
    {
        await page.Locator("#file").SetInputFilesAsync(File(name, bytes));
        await Expect(page.Locator("#result h2")).ToHaveTextAsync(name);
        await Expect(page.Locator("#result")).ToHaveAttributeAsync("data-outcome", outcome);
        await Expect(page.Locator("#result")).ToHaveAttributeAsync("data-kind", "recording");
    }

    private static FilePayload File(string name, byte[] bytes) => new() { Name = name, MimeType = "application/octet-stream", Buffer = bytes };

    private static ILocatorAssertions Expect(ILocator part) => Assertions.Expect(part);

    [GeneratedRegex("`([a-z]+(?:-[a-z]+)*)`")]
    private static partial Regex Codes();
}
