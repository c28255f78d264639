using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Notary.Host.Http;

namespace Notary.Host.Tests;

/// <summary>An exchange that its caller makes long ends by itself, in our answer where one is still possible, and harms no other.</summary>
[TestClass]
public sealed class ExchangeTests
{
    private static readonly TimeSpan Whole = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private static TestApp app = null!;
    private static string key = "";

    [ClassInitialize]
    public static async Task StartAsync(TestContext _)
    {
        var bounded = ServiceDescriptor.Singleton(Deadline.OneMachine with { Whole = Whole });
        app = await TestApp.StartOnAsync(await Fixture.PlatformAsync(), replace: services => services.Replace(bounded), underFunctions: true);
        key = (await app.TenantAsync()).Key;
    }

    [ClassCleanup]
    public static async Task StopAsync() => await app.DisposeAsync();

    [TestMethod]
    public void TheDeadlineOfFunctionsIsShorterThanWhatEndsAnExchangeThere()
    {
        Assert.IsLessThan(TimeSpan.FromSeconds(230), Deadline.Functions.Whole!.Value);
        Assert.IsLessThan(QueueSettings.ReadBesideApp().FunctionTimeout, Deadline.Functions.Whole!.Value);
        Assert.IsLessThan(Deadline.Functions.Whole!.Value, Deadline.Functions.Patience);
    }

    [TestMethod]
    public async Task TheLimitsAreTold()
    {
        var limits = (await app.GetAsync("/v1/limits")).Json;
        Assert.AreEqual(104_857_600, limits.GetProperty("bodyBytes").GetInt64(), "the host's own, when nothing else is set");
        Assert.AreEqual(3, limits.GetProperty("exchangeSeconds").GetInt32());
        Assert.AreEqual("{}", (await (await Fixture.WholeAppAsync()).GetAsync("/v1/limits")).Text, "none on one machine");
    }

    [TestMethod]
    public async Task ASlowUploadEndsInOurAnswerAndHarmsNobody()
    {
        using var bound = new CancellationTokenSource(Patience);
        using var client = new TcpClient();
        await client.ConnectAsync(app.Url.Host, app.Url.Port, bound.Token);
        await using var wire = client.GetStream();
        await SayAsync(wire,
            $"POST /v1/deposits/file?name=slow HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {key}\r\nTransfer-Encoding: chunked\r\n\r\n", bound.Token);
        Task<Answer>? other = null;
        while (!wire.DataAvailable)
        {
            await SayAsync(wire, $"400\r\n{new string('x', 1024)}\r\n", bound.Token);
            other ??= app.SendAsync(HttpMethod.Post, "/v1/deposits/file?name=quick&letter=onRequest", key, new ByteArrayContent(new byte[100_000]));
            await Task.Delay(Pause, bound.Token);
        }

        var answer = "";
        for (var buffer = new byte[4096]; !answer.Contains("too-slow", StringComparison.Ordinal);)
        {
            var read = await wire.ReadAsync(buffer, bound.Token);
            Assert.AreNotEqual(0, read, answer);
            answer += Encoding.UTF8.GetString(buffer, 0, read);
        }

        StringAssert.StartsWith(answer, "HTTP/1.1 408 ");
        var quick = await other!;
        Assert.AreEqual(201, quick.Status, quick.Text);
        Assert.HasCount(100_000, (await app.GetAsync($"{quick.Headers["Location"]}/original", key)).Body);
        var names = (await app.GetAsync("/v1/deposits", key)).Json.GetProperty("items")
            .EnumerateArray().Select(d => d.GetProperty("items")[0].GetProperty("name").GetString());
        Assert.DoesNotContain("slow", names, "nothing is left of it");
    }

    [TestMethod]
    public async Task ASlowDownloadIsEndedAndDoesNotLookWhole()
    {
        const int Size = 48 << 20;
        using var bound = new CancellationTokenSource(Patience);
        var unbounded = await Fixture.WholeAppAsync();
        var posted = await unbounded.SendAsync(HttpMethod.Post, "/v1/deposits/file?letter=onRequest", key, new ByteArrayContent(new byte[Size]));
        Assert.AreEqual(201, posted.Status, posted.Text);
        using var client = new TcpClient { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(app.Url.Host, app.Url.Port, bound.Token);
        await using var wire = client.GetStream();
        await SayAsync(wire, $"GET {posted.Headers["Location"]}/original HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {key}\r\n\r\n", bound.Token);
        long taken = 0;
        try
        {
            // Far above the least rate, far below what would have it all in time.
            for (var buffer = new byte[16 << 10]; await wire.ReadAsync(buffer, bound.Token) is > 0 and var read; taken += read)
                await Task.Delay(Pause, bound.Token);
        }
        catch (IOException)
        {
            // Ended by a reset, as it should be.
        }

        Assert.IsGreaterThan(0, taken);
        Assert.IsLessThan(Size, taken);
        Assert.AreEqual(200, (await app.GetAsync(posted.Headers["Location"], key)).Status);
    }

    private static ValueTask SayAsync(NetworkStream wire, string text, CancellationToken cancel) => wire.WriteAsync(Encoding.UTF8.GetBytes(text), cancel);
}
