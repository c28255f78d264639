using System.Net;
using System.Text;
using Notary.Chain.Draws;
using Notary.Evidence;
using Notary.Evidence.Draws;
using Notary.Storage;

namespace Notary.EndToEnd.Tests;

/// <summary>
/// One draw whose app dies by SIGKILL while its list comes and then in every state, each time between an effect and its answer, and is started again.
/// The chain's deadlines are far away and are reached by making blocks while the app is dead: however slow the machine, nothing comes too late.
/// </summary>
[TestClass]
public sealed class DrawKillTests
{
    /// <summary>Blocks under which something counts, as the scenario sets them.</summary>
    private const int Confirmations = 2;

    /// <summary>What stands on chain of one draw with one party: published, committed, revealed, seed fixed, finished.</summary>
    private const int Events = 5;

    public required TestContext TestContext { get; set; }

    [TestMethod]
    public async Task ADrawThatIsKilledInEveryStateHasOneCommitOneResultAndACertificate()
    {
        var cancel = TestContext.CancellationToken;
        (FaultProxy? blob, FaultProxy? table, FaultProxy? chain) = (null, null, null);
        await using var scenario = await Scenario.StartAsync(cancel, async platform =>
        {
            blob = await FaultProxy.StartAsync(new Uri(platform.Azurite.BlobEndpoint, "/"), cancel: cancel);
            table = await FaultProxy.StartAsync(new Uri(platform.Azurite.TableEndpoint, "/"), cancel: cancel);
            chain = await FaultProxy.StartAsync(new Uri(platform.Anvil.Url, "/"), cancel: cancel);
            return platform.AppEnvironment(blob: blob.Url, table: table.Url, chain: chain.Url);
        }, draws: true);
        await using var endsBlob = blob!;
        await using var endsTable = table!;
        await using var endsChain = chain!;
        var draw = new KilledDraw(scenario, cancel);

        // A second list has come whole and a third by half: the first one is still the draw's, with its secret.
        await draw.CreateAsync();
        await draw.ImportAsync("id,name\n1,张三\n2,Li Si\n");
        var (list, ticket) = ((string)(await draw.GetAsync())["list"]!["root"]!, await draw.TicketAsync());
        var death = draw.DieAt(blob!, new FaultRule($"/draws/{draw.Id}/.*comp=blocklist", FaultKind.Callback, FaultPoint.AfterEffect) { Method = "PUT" });
        using var half = new HalfList(death);
        var third = draw.TryAsync(half);
        await half.Sent.WaitAsync(Scenario.Patience, cancel);
        var second = draw.TryAsync(new StringContent("id,name\n3,王五\n", Encoding.UTF8, "text/csv"));
        await death;
        Assert.IsFalse(await second || await third, "nobody was told that his list is taken");
        await scenario.StartAppAsync(cancel);
        Assert.AreEqual(list, (string)(await draw.GetAsync())["list"]!["root"]!);
        CollectionAssert.AreEqual(ticket, await draw.TicketAsync());
        await draw.ImportAsync("id,name\n1,张三\n2,Li Si\n3,王五\n");
        Assert.AreEqual(3, (int)(await draw.GetAsync())["list"]!["candidates"]!);

        // Published: the commitment is deposited, and its row does not know yet.
        death = draw.DieAt(table!, new FaultRule("batch", FaultKind.Callback) { Method = "POST", Body = draw.RowOf("Published"), Nth = 3 });
        await draw.SubmitAsync();
        await using var page = new DrawPage(() => scenario.App.Url, draw.Id);
        await death;
        death = draw.DieAt(chain!, Broadcast(DrawCall.Commit(Digest.Parse(draw.Id), default, new byte[Digest.Size])));
        await scenario.StartAppAsync(cancel);
        var commitment = (await draw.PublicAsync())["commitment"]!;

        // Committed: the commit was sent, and nobody has heard of it. The same of the reveal, and of the result.
        await death;
        await draw.OnChainAsync(2);
        await draw.MineToAsync((long)commitment["commitDeadline"]!);
        death = draw.DieAt(chain!, Broadcast(DrawCall.Reveal(Digest.Parse(draw.Id), new byte[Digest.Size])));
        await scenario.StartAppAsync(cancel);
        await death;
        await draw.OnChainAsync(3);
        await draw.MineToAsync((long)commitment["revealDeadline"]! + Confirmations + 1);
        death = draw.DieAt(chain!, Broadcast(DrawCall.Finish(Digest.Parse(draw.Id), default)));
        await scenario.StartAppAsync(cancel);
        await death;

        // Certified: all but what is to be cleared away.
        death = draw.DieAt(table!, new FaultRule("batch", FaultKind.Callback, FaultPoint.AfterEffect) { Method = "POST", Body = draw.RowOf("Certified") });
        await scenario.StartAppAsync(cancel);
        await death;
        await scenario.StartAppAsync(cancel);

        var view = await draw.PublicAsync();
        Assert.AreEqual("certified", (string)view["state"]!, view.ToJsonString());
        Assert.AreEqual(1, view["chain"]!["parties"]!.AsArray().Count);
        Assert.IsNotNull((string?)view["chain"]!["parties"]![0]!["secret"]);
        Assert.AreEqual((string)view["result"]!, (string)view["chain"]!["outcome"]!);
        Assert.AreEqual(Events, await draw.EventsAsync(), "each once");
        Assert.HasCount(2, (await scenario.GetAsync("v1/deposits", cancel))["items"]!.AsArray(), "one commitment, one result");

        // The page saw all of it, in order, by six apps.
        var seen = await page.UntilAsync((long)view["version"]!, cancel);
        Assert.AreEqual(view["files"]!.ToJsonString(), seen["files"]!.ToJsonString());
        Assert.AreEqual("published committed revealing drawn certified", string.Join(' ', page.States));

        // The list that nobody took is gone with the rest, once somebody has looked.
        var container = StorageAccount.Open(new StorageOptions { ConnectionString = scenario.Platform.ConnectionString }).Container(Names.DrawFiles);
        for (var clock = Stopwatch.StartNew(); await container.GetBlobsAsync(cancellationToken: cancel).CountAsync(cancel) is var blobs
            && blobs != view["files"]!.AsArray().Count; await Task.Delay(200, cancel))
            Assert.IsLessThan(Scenario.Patience, clock.Elapsed, $"{blobs} blobs");

        await scenario.FsckAsync(cancel);
    }

    /// <summary>The node has taken the call; the app is not told.</summary>
    private static FaultRule Broadcast(DrawCall call) => new("/", FaultKind.Callback, FaultPoint.AfterEffect)
    {
        Method = "POST", Body = $"(?i)eth_sendRawTransaction.*{Convert.ToHexString(call.Data.AsSpan(0, 4 + Digest.Size))}",
    };

    /// <summary>A list of which the second half comes when there is nobody to take it.</summary>
    private sealed class HalfList : HttpContent
    {
        private readonly TaskCompletionSource sent = new();
        private readonly Task death;

        public HalfList(Task death)
        {
            this.death = death;
            Headers.ContentType = new("text/csv") { CharSet = "utf-8" };
        }

        public Task Sent => sent.Task;

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync("id,name\n4,赵六\n"u8.ToArray());
            await stream.FlushAsync();
            sent.TrySetResult();
            await death;
            await stream.WriteAsync("5,钱七\n"u8.ToArray());
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
