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
    }

    [ClassCleanup]
    public static async Task StopAsync()
    {
        await browser.DisposeAsync();
        await shop.DisposeAsync();
        folder.Delete(recursive: true);
    }

    /// <summary>Shapes: made by the server, by a script, and as one scrolls.</summary>
    [TestMethod]
    [DataRow("/served", "true", 0)]
    [DataRow("/gbk", "true", 0)]
    [DataRow("/scripted", "document.title === 'done'", 3)]
    [DataRow("/endless", "document.title === 'pages 1' && (scrollTo(0, 1e6), true)", 2 * Shop.Page)]
    public async Task WhatNobodyEditedAgreesAndOpensAgainOffline(string path, string until, int scripted)
    {
        var session = await browser.OpenAsync(new Uri(shop.Url, path), until, Cancel);
        await browser.UntilAsync(session, $"document.querySelectorAll('li').length !== {Shop.Page}", Cancel);
        var report = await CaptureAsync();
        Assert.AreEqual((CaptureVerdict.Agrees, scripted), (report.Reconciliation.Verdict, report.Reconciliation.Scripted), Text(report));
        var place = Path.Combine(folder.FullName, $"{number}");
        var replay = await Replay.ReadAsync(place, Cancel);
        session = await browser.OpenAsync(new Uri(shop.Url, path), until, Cancel, replay);
        await browser.UntilAsync(session, $"document.querySelectorAll('li').length !== {Shop.Page}", Cancel);
        var again = await CaptureAsync();
        Assert.AreEqual("", string.Join(' ', replay.Missed.Where(url => !url.EndsWith("/favicon.ico", StringComparison.Ordinal))));
        Assert.AreEqual(report.Size, again.Size);
        Assert.AreEqual(0, await Replay.DifferenceAsync(Path.Combine(place, CaptureFormat.Picture),
            Path.Combine(folder.FullName, $"{number}", CaptureFormat.Picture), Cancel));
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
    public async Task APageInATabThatAnotherOpenedIsCapturedWithItsFirstRequest()
    {
        var session = await browser.OpenAsync(new Uri(shop.Url, "/scripted"), "document.title === 'done'", Cancel);
        await browser.Pipe.SendAsync("Runtime.evaluate", new JsonObject { ["expression"] = "window.open('/served')", ["userGesture"] = true }, session, Cancel);
        await OneDesktop.UntilAsync(async () => (await CaptureAsync()).Main?.EndsWith("/served", StringComparison.Ordinal) == true, Cancel);
        Assert.AreEqual(CaptureVerdict.Agrees, (await CaptureAsync()).Reconciliation.Verdict);
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

    [TestMethod]
    public async Task ACertificateIsKeptAndOneThatOutsideIsNotTrustedIsNoSecondView()
    {
        await browser.OpenAsync(new Uri(shop.Secure, "/served"), "true", Cancel);
        var report = await CaptureAsync(shop.Certificate.ExportCertificatePem());
        Assert.AreEqual((CaptureVerdict.Agrees, Digest.Of(shop.Certificate.RawData)), (report.Reconciliation.Verdict, report.Tls!.Certificate), Text(report));
        StringAssert.StartsWith(report.Tls.Protocol, "TLS");
        var pem = await File.ReadAllTextAsync(Path.Combine(folder.FullName, $"{number}", CaptureFormat.Chain), Cancel);
        StringAssert.StartsWith(pem, shop.Certificate.ExportCertificatePem());

        report = await CaptureAsync();
        Assert.AreEqual((CaptureVerdict.Unknown, SecondOutcome.Failed), (report.Reconciliation.Verdict, report.Second.Outcome), Text(report));
        StringAssert.Contains(report.Second.Detail, "certificate");
    }

    [TestMethod]
    public async Task WhatIsNotOnThePublicNetworkIsNotAskedFor()
    {
        var fetch = new SecondFetch("", [], null, TimeProvider.System);
        foreach (var address in (string[])[shop.Url.ToString(), "http://169.254.169.254/", "http://localhost:1/", "http://10.0.0.1/", "http://[::1]/"])
        {
            var (exchanges, ended) = await fetch.FetchAsync(new Uri(address), "test", Cancel);
            Assert.AreEqual((SecondOutcome.Failed, 0), (ended.Outcome, exchanges.Count), ended.Detail);
        }
    }

    private async Task<CaptureReport> CaptureAsync(string roots = "")
    {
        number++;
        var second = new SecondFetch(roots, shop.EndPoints, null, TimeProvider.System);
        return await new PageCapture(browser.Pipe, browser.Watch.Wire, second, TimeProvider.System)
            .TakeAsync(number, folder.CreateSubdirectory($"{number}").FullName, Cancel);
    }

    private static string Text(CaptureReport report) => Encoding.UTF8.GetString(report.ToBytes());
}
