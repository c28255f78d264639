using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Notary.Bench.Scale;
using Notary.Evidence.Batches;

namespace Notary.Bench;

/// <summary>Requests that small real runs make, by kind, beside those that the model makes: they must be the same.</summary>
internal static class ScaleCalls
{
    private const int Digests = 300, Files = 100, Items = 50_000, Attempts = 3;

    /// <summary>The sequencer's question for deposits that wait.</summary>
    private const string PendingQuery = @"/deposits\(\)\?.*RowKey%20ge%20%27p%7C%27";

    /// <summary>What depends on the clock and not on deposits: a lease is renewed, listeners are asked for anew, the hub polls.</summary>
    private static readonly HashSet<Call> ByTheClock = [Call.Lease, Call.Listeners, Call.Start, Call.Activity, Call.Key];

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200), Patience = TimeSpan.FromMinutes(2);

    private static readonly (string Method, string Path, Call Call)[] Kinds =
    [
        ("PUT", @"/originals/", Call.Original),
        ("GET", PendingQuery, Call.Pending),
        ("GET", @"/checkpoints\(PartitionKey='log',RowKey='head'\)", Call.Head),
        ("PUT", @"/checkpoints\(PartitionKey='log',RowKey='head'\)", Call.Swap),
        ("POST", @"/checkpoints\?", Call.CheckpointRow),
        ("PUT", @"/staging/stage/", Call.Stage),
        ("GET", @"/staging/stage/", Call.StageRead),
        ("DELETE", @"/staging/stage/", Call.StageGone),
        ("GET", @"/log/tile/", Call.TileRead),
        ("PUT", @"/log/tile/", Call.Tile),
        ("GET", @"/staging/checkpoint", Call.Note),
        ("PUT", @"/staging/checkpoint", Call.Note),
        ("PUT", @"/batches/.*comp=block&", Call.Block),
        ("PUT", @"/batches/.*comp=blocklist", Call.Commit),
        ("GET", @"/batches/", Call.Index),
        ("PUT", @"/batches/[^?]*$", Call.Index),
        ("GET", @"/deposits\(PartitionKey='[^']*',RowKey='b%7C", Call.Index),
    ];

    public static async Task<IReadOnlyList<Figure>> RunAsync(Platform platform)
    {
        var content = RandomNumberGenerator.GetBytes(Measured.FileBytes);
        return
        [
            await CompareAsync(platform, $"{Digests} digests", new Offer(0), Digests, tenant => Deposit.DigestAsync(tenant)),
            await CompareAsync(platform, $"{Files} files", new Offer(0, File: true), Files,
                tenant => Deposit.FileAsync(tenant, new MemoryStream(content), Digest.Of(content))),
            await CompareAsync(platform, $"a batch of {Items}", new Offer(0, Items: Items), 1, SendAsync),
        ];
    }

    /// <summary>A body as <c>scripts/bench bulk</c> sends it.</summary>
    public static byte[] Body(int items)
    {
        var text = new StringBuilder();
        for (var n = 0; n < items; n++)
            text.Append("{\"sha-256\":\"").Append(Digest.Of(BitConverter.GetBytes(n))).Append("\",\"reference\":\"R/2026/").Append(n).Append("\"}\n");

        return Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <summary>Sends a batch.</summary>
    public static async Task SendAsync(HttpClient tenant, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(BatchFormat.MediaType);
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/batches?letter=onRequest") { Content = content };
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        using var answer = await tenant.SendAsync(request);
        answer.EnsureSuccessStatusCode();
    }

    private static Task SendAsync(HttpClient tenant) => SendAsync(tenant, Body(Items));

    private static async Task<Figure> CompareAsync(Platform platform, string name, Offer offer, int count, Func<HttpClient, Task> deposit)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (await CountAsync(platform, name, offer, count, deposit) is var (figure, swept) && (!swept || attempt == Attempts))
                return figure;
        }
    }

    /// <summary>What was counted, and whether the minute's sweep, which asks for all that waits, came in between.</summary>
    private static async Task<(Figure Figure, bool Swept)> CountAsync(Platform platform, string name, Offer offer, int count, Func<HttpClient, Task> deposit)
    {
        await using var blob = await FaultProxy.StartAsync(platform.Azurite.BlobEndpoint);
        await using var table = await FaultProxy.StartAsync(platform.Azurite.TableEndpoint);
        await using var app = await BenchApp.StartAsync(platform, blob: blob.Url, table: table.Url);
        await Deposit.DigestAsync(app.Tenant);
        await LoggedAsync(app, blob);

        // The anchor's head is added once, and the sequencer's look that finds nothing more comes half a second after the batch.
        while (!(await app.Storage.Table(Names.Checkpoints).GetEntityIfExistsAsync(DepositKeys.AnchorPartition, DepositKeys.Head)).HasValue)
            await Task.Delay(Look);

        await Task.Delay(Look * 10);
        blob.Clear();
        table.Clear();

        // Transactions of all tables go to one path: what they do says whose they are.
        var (intake, apply, indexed) = (0, 0, 0);
        table.Add(new FaultRule(@"\$batch", FaultKind.Delay)
        {
            When = (_, _, body) =>
            {
                if (body.Contains("/deposits", StringComparison.Ordinal))
                    _ = body.Contains("y%7C", StringComparison.Ordinal) || body.Contains("y|", StringComparison.Ordinal)
                        ? body.Contains("DELETE ", StringComparison.Ordinal) ? Interlocked.Increment(ref indexed) : Interlocked.Increment(ref intake)
                        : body.Contains("DELETE ", StringComparison.Ordinal) ? Interlocked.Increment(ref apply) : Interlocked.Increment(ref intake);

                return false;
            },
        });
        var (looked, arrived) = (new TaskCompletionSource(), new TaskCompletionSource());
        if (count > 1)
            table.Add(new FaultRule(PendingQuery, FaultKind.Delay)
            {
                Callback = () =>
                {
                    looked.TrySetResult();
                    return arrived.Task;
                },
            });

        var wraps = platform.Vault.Calls("wrapkey");
        await Load.RunAsync((count + 1) / 2, () => deposit(app.Tenant));
        if (count > 1)
        {
            await looked.Task;
            await Load.RunAsync(count / 2, () => deposit(app.Tenant));
        }

        arrived.SetResult();
        await LoggedAsync(app, blob);
        while (offer.Items > 0 && Volatile.Read(ref indexed) == 0)
            await Task.Delay(Look);

        await Task.Delay(Look * 10);
        var real = Enum.GetValues<Call>().ToDictionary(call => call, _ => 0L);
        foreach (var request in blob.Requests.Concat(table.Requests))
        {
            if (Kinds.FirstOrDefault(kind => kind.Method == request.Method && Regex.IsMatch(request.Path, kind.Path)) is { Method: not null } kind)
                real[kind.Call]++;
        }

        (real[Call.Intake], real[Call.Apply], real[Call.Index]) = (intake, apply, real[Call.Index] + indexed);
        var model = SmallModel.Run(offer, count, Load.Concurrency, new Times(), size: 1, held: count > 1);
        var off = real.Keys.Where(call => !ByTheClock.Contains(call) && real[call] != model.Calls[call]).ToList();
        var wrapped = platform.Vault.Calls("wrapkey") - wraps;
        var wrong = off.Count + wrapped;
        var said = real.Keys.Where(call => real[call] + model.Calls[call] > 0 && !ByTheClock.Contains(call))
            .Select(call => Figure.Say($"{call} {real[call]}") + (real[call] == model.Calls[call] ? "" : Figure.Say($" (model {model.Calls[call]})")));
        var figure = new Ceiling($"scale: calls, {name}", wrong, "kinds off", 0,
            Figure.Say($"counted in front of Azurite and in the model: {string.Join(", ", said)}; keys wrapped by the vault {wrapped}, 0 in the model"));
        return (figure, table.Requests.Count(request => Regex.IsMatch(request.Path, PendingQuery)) >= DepositKeys.Shards);
    }

    /// <summary>Nobody waits, and the last batch is done with.</summary>
    private static async Task LoggedAsync(BenchApp app, FaultProxy blob)
    {
        bool Under() => blob.Requests.Count(request => request.Method == "PUT" && request.Path.Contains("/staging/stage/", StringComparison.Ordinal))
            > blob.Requests.Count(request => request.Method == "DELETE" && request.Path.Contains("/staging/stage/", StringComparison.Ordinal));
        for (var clock = Stopwatch.StartNew(); await Rows.PendingAsync(app.Storage) > 0 || Under(); await Task.Delay(Look))
        {
            if (clock.Elapsed > Patience)
                throw new InvalidOperationException("deposits wait for the sequencer for too long");
        }
    }
}
