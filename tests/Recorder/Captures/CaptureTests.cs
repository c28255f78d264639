using Notary.Evidence.Forensics.Captures;
using Notary.Recorder.Captures;

namespace Notary.Recorder.Tests.Captures;

/// <summary>Pages captured from a real browser: honest ones agree and can be opened again offline, an edited one is reported whoever edited it.</summary>
[TestClass]
public sealed class CaptureTests
{
    private const string Edit = "for (const p of document.querySelectorAll('p')) if (p.textContent.includes('100')) p.textContent = '" + Shop.Forged + "'";

    private static Shop shop = null!;
    private static PipedBrowser browser = null!;
    private static PageCapture capture = null!;
    private static DirectoryInfo folder = null!;
    private static int number;

    public required TestContext TestContext { get; init; }

    private CancellationToken Cancel => TestContext.CancellationToken;

    [ClassInitialize]
    public static async Task StartAsync(TestContext context)
    {
        shop = await Shop.StartAsync();
        browser = await PipedBrowser.StartAsync(shop.Proxy, Edit, context.CancellationToken);
        folder = Directory.CreateTempSubdirectory("notary-captures-");
        capture = new PageCapture(browser.Pipe, browser.Watch.Wire, new SecondFetch("", [shop.EndPoint], null, TimeProvider.System), TimeProvider.System);
    }

    [ClassCleanup]
    public static async Task StopAsync()
    {
        await browser.DisposeAsync();
        await shop.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [TestMethod]
    [DataRow("/served", "true", 0)]
    [DataRow("/gbk", "true", 0)]
    [DataRow("/scripted", "document.title === 'done'", 3)]
    [DataRow("/endless", "document.title === 'pages 1' && (scrollTo(0, 1e6), true)", 2 * Shop.Page)]
    public async Task WhatNobodyEditedAgrees(string path, string until, int scripted)
    {
        var session = await browser.OpenAsync(new Uri(shop.Url, path), until, Cancel);
        await browser.UntilAsync(session, $"document.querySelectorAll('li').length !== {Shop.Page}", Cancel);
        var report = await CaptureAsync();
        Assert.AreEqual((CaptureVerdict.Agrees, scripted), (report.Reconciliation.Verdict, report.Reconciliation.Scripted), Text(report));
    }

    [TestMethod]
    [DataRow("?by=hand")]
    [DataRow("?by=bookmark")]
    [DataRow("?extended")]
    public async Task AnEditedPageIsReported(string how)
    {
        var session = await browser.OpenAsync(new Uri(shop.Url, "/served" + how), "true", Cancel);
        if (how == "?by=hand")
            await browser.RunAsync(session, $"(() => {{ {Edit} }})()", Cancel);
        else if (how == "?by=bookmark")
            await browser.RunAsync(session, $"location.href = {JsonValue.Create($"javascript:{Edit};void 0").ToJsonString()}", Cancel);

        await browser.UntilAsync(session, "document.body.innerText.includes('900')", Cancel);
        var report = await CaptureAsync();
        Assert.AreEqual(CaptureVerdict.Differs, report.Reconciliation.Verdict, Text(report));
        CollectionAssert.AreEqual((Difference[])[new(DifferenceKind.Nowhere, Shop.Forged), new(DifferenceKind.Gone, Shop.Price)],
            report.Reconciliation.Differences.ToArray(), Text(report));
    }

    [TestMethod]
    public async Task APageThatAProxyRewroteIsReported()
    {
        var session = await browser.OpenAsync(new Uri(shop.Url, "/served?proxied"), "true", Cancel);
        await browser.UntilAsync(session, "document.body.innerText.includes('900')", Cancel);
        var report = await CaptureAsync();
        Assert.AreEqual(CaptureVerdict.Differs, report.Reconciliation.Verdict, Text(report));
        CollectionAssert.AreEqual((Difference[])[new(DifferenceKind.NotInSecond, Shop.Forged), new(DifferenceKind.OnlyInSecond, Shop.Price)],
            report.Reconciliation.Differences.ToArray(), Text(report));
    }

    private async Task<CaptureReport> CaptureAsync()
    {
        number++;
        return await capture.TakeAsync(number, folder.CreateSubdirectory($"{number}").FullName, Cancel);
    }

    private static string Text(CaptureReport report) => Encoding.UTF8.GetString(report.ToBytes());
}
