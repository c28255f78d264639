using System.Runtime.CompilerServices;
using Notary.Recorder.Desktop;

namespace Notary.Recorder.Tests;

/// <summary>A desktop and its site, started once, when the first test asks, for all that only look at it or dirty it for a moment.</summary>
[TestClass]
public sealed class OneDesktop
{
    /// <summary>Far longer than any state takes, also on a busy machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private static readonly Lazy<Task<OneDesktop>> One = new(StartAsync);

    /// <summary>Null only in the instance that the test runner makes to find the clean-up.</summary>
    internal LocalDesktop Desktop { get; private init; } = null!;

    internal Site Site { get; private init; } = null!;

    /// <summary>What the browser told, from its start on.</summary>
    internal ConcurrentQueue<DesktopEvent> Events { get; } = new();

    internal ConcurrentQueue<Download> Downloads { get; } = new();

    internal static Task<OneDesktop> GetAsync() => One.Value;

    [AssemblyCleanup]
    public static async Task StopAsync()
    {
        if (One.IsValueCreated)
        {
            await using var site = (await One.Value).Site;
            await (await One.Value).Desktop.DisposeAsync();
        }
    }

    internal static async Task UntilAsync(
        Func<Task<bool>> state, CancellationToken cancel, [CallerArgumentExpression(nameof(state))] string what = "")
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await state())
        {
            Assert.IsFalse(patience.IsCancellationRequested, what);
            await Task.Delay(50, cancel);
        }
    }

    /// <summary>What a script gives in the page that the desktop's browser shows.</summary>
    internal static async Task<string> EvaluateAsync(LocalDesktop desktop, string script, CancellationToken cancel)
    {
        var target = (await desktop.PagesAsync(cancel))[0];
        var attached = await desktop.Browser.SendAsync("Target.attachToTarget", new JsonObject { ["targetId"] = target, ["flatten"] = true }, cancel: cancel);
        var session = attached["sessionId"]!.GetValue<string>();
        var result = await desktop.Browser.SendAsync("Runtime.evaluate", new JsonObject { ["expression"] = $"String({script})" }, session, cancel);
        await desktop.Browser.SendAsync("Target.detachFromTarget", new JsonObject { ["sessionId"] = session }, cancel: cancel);
        return result["result"]!["value"]!.GetValue<string>();
    }

    /// <summary>Of the page that the desktop's browser shows.</summary>
    internal static async Task<string> TitleAsync(LocalDesktop desktop, CancellationToken cancel)
    {
        var targets = (await desktop.Browser.SendAsync("Target.getTargets", cancel: cancel))["targetInfos"]!.AsArray();
        return targets.Where(t => t!["type"]!.GetValue<string>() == "page" && t["url"]!.GetValue<string>().StartsWith("http", StringComparison.Ordinal))
            .Select(t => t!["title"]!.GetValue<string>()).FirstOrDefault("");
    }

    private static async Task<OneDesktop> StartAsync()
    {
        await LocalDesktop.SweepAsync();
        var site = await Site.StartAsync();
        var options = new DesktopOptions { Session = DepositId.New(TimeProvider.System), Allow = [site.EndPoint], Resolver = site.Resolver };
        var one = new OneDesktop { Site = site, Desktop = await LocalDesktop.PrepareAsync(options, CancellationToken.None) };
        one.Desktop.Happened += one.Events.Enqueue;
        one.Desktop.Downloaded += one.Downloads.Enqueue;
        await one.Desktop.StartBrowserAsync(CancellationToken.None);
        return one;
    }
}
