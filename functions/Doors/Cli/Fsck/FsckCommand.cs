using Azure.Core;
using Azure.Identity;
using Notary.Keys;

namespace Notary.Cli;

/// <summary><c>notary fsck</c>: audits the whole platform from raw storage, tokens and chain. Reads only.</summary>
internal static class FsckCommand
{
    private const string ConnectionVariable = "NOTARY_STORAGE";
    private const string VaultTokenVariable = "NOTARY_VAULT_TOKEN";

    /// <summary>A platform at work changes while it is read: what a second look does not find again was only on its way.</summary>
    private const int MaxPasses = 3;

    private static readonly TimeSpan BetweenPasses = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RpcTimeout = TimeSpan.FromSeconds(60);

    /// <param name="Clock">Tells leftovers from work under way.</param>
    internal sealed record Inputs(
        StorageAccount Storage, TrustRoots Trust, Uri? Rpc, VaultKeyEncryption? Vault, int Sample, long FromBlock, TimeProvider Clock, int Passes = MaxPasses);

    public static Command Build(Terminal terminal)
    {
        var trust = new Option<string>("--trust") { Description = "The platform's trust file.", Required = true };
        var (connection, account, events) = StorageOptions();
        var rpc = ServerOptions.Address("--rpc", "A node of the chain.");
        var noChain = new Option<bool>("--no-chain") { Description = "Judge anchors by their proofs alone." };
        var fromBlock = ServerOptions.Number("--from-block",
            "The block from which the contract's events are read: not after its deployment.", least: 0, absent: 0);
        var vault = ServerOptions.Address("--vault", "The key vault, to decrypt originals.");
        var originals = ServerOptions.Number("--originals", "Decrypt one of every N originals; 1 for all, 0 for none.", least: 0, absent: 1);
        var command = new Command("fsck", "Audits the whole platform from raw storage, tokens and chain.")
            { trust, connection, account, events, rpc, noChain, fromBlock, vault, originals };
        command.SetAction(async (p, cancel) =>
        {
            if (p.GetValue(rpc) is null != p.GetValue(noChain))
                throw new CliException("give either --rpc or --no-chain");

            var sample = p.GetValue(originals);
            if (sample > 0 && p.GetValue(vault) is null)
                throw new CliException("originals can only be decrypted with --vault; --originals 0 leaves them undecrypted");

            var storage = Open(p.GetValue(connection), p.GetValue(account), p.GetValue(events));
            var roots = await VerifyCommand.ReadTrustAsync(p.GetValue(trust)!, cancel);
            var key = sample > 0
                ? await VaultKeyEncryption.OpenAsync(new KeyClient(p.GetValue(vault)!, Credential(p.GetValue(vault)!)), KeyNames.KeyEncryption, cancel) : null;
            var findings = await RunAsync(
                new Inputs(storage, roots, p.GetValue(rpc), key, sample, p.GetValue(fromBlock), TimeProvider.System), terminal, cancel);
            await terminal.Output.WriteLineAsync(Summary(findings, LeftOut(findings, p.GetValue(rpc) is null, sample)).ToJsonString(ReportPrinter.Readable));
            return findings.Total == 0 ? Exit.Passed : Exit.Failed;
        });
        return command;
    }

    /// <summary>How the storage is found and entered.</summary>
    internal static (Option<string?> Connection, Option<string?> Account, Option<string?> Events) StorageOptions() => (
        new("--storage") { Description = $"Connection string; from {ConnectionVariable} when absent." },
        new("--account") { Description = "Instead of a connection string: the storage account's name, entered with Azure's default credential." },
        new("--events-account") { Description = "With --account: the account with the queues, when it is another." });

    internal static async Task<Findings> RunAsync(Inputs inputs, Terminal terminal, CancellationToken cancel)
    {
        var progress = new Progress(terminal.Error);
        try
        {
            for (var pass = 1; ; pass++)
            {
                var findings = await PassAsync(inputs, progress, cancel);
                if (findings.Total == 0 || pass == inputs.Passes)
                    return findings;

                progress.Say($"{findings.Total} findings; looking again, in case they are work under way");
                await Task.Delay(BetweenPasses, cancel);
            }
        }
        catch (OperationCanceledException e) when (cancel.IsCancellationRequested)
        {
            throw new CliException("interrupted: an audit that did not end says nothing; nothing was changed", e);
        }
    }

    private static async Task<Findings> PassAsync(Inputs inputs, Progress progress, CancellationToken c)
    {
        var findings = new Findings();
        using var http = new HttpClient { Timeout = RpcTimeout };
        var audit = new Audit(inputs.Storage, inputs.Trust, findings, progress, inputs.Clock.GetUtcNow());
        var node = inputs.Rpc is { } rpc ? new ChainNode(http, rpc) : null;
        var ledger = new LedgerAudit(audit, node);

        progress.Say("walking over the log with its checkpoints and anchors");
        var log = await new LogAudit(audit, new AnchorAudit(audit, node, ledger, inputs.FromBlock)).RunAsync(c);
        progress.Say("comparing tiles");
        await new TileAudit(audit, log).RunAsync(c);

        audit.Anchors.Seal();
        progress.Say("checking deposits");
        var (originals, letters) = (new OriginalAudit(audit, inputs.Vault, inputs.Sample), new LetterAudit(audit));
        var (deposits, batches) = (new DepositAudit(audit, log, node, originals, letters), new BatchAudit(audit));
        foreach (var shard in Enumerable.Range(0, RawTables.Shards))
            await new ShardAudit(audit, deposits, batches, RawTables.Shard(shard)).RunAsync(c);

        deposits.Ownerless();
        progress.Say("comparing originals and letters with the deposits");
        var lost = await originals.ListAsync(deposits, c);
        await letters.ListAsync(deposits, c);
        await batches.BlobsAsync(c);

        progress.Say("checking draws");
        await new LotteryAudit(audit, ledger, inputs.Vault, inputs.Rpc, http).RunAsync(c);

        progress.Say("checking recorded sessions");
        await new SessionAudit(audit).RunAsync(c);

        progress.Say("checking webhooks");
        await new WebhookAudit(audit).RunAsync(c);

        progress.Say("checking processes, the chain's books, keys, leftovers and queues");
        await new InstanceAudit(audit).RunAsync(c);
        await NameAsync(audit, deposits, originals, lost, c);
        await ledger.RunAsync(c);
        await new KeyAudit(audit).RunAsync(c);
        await new LeftoverAudit(audit).RunAsync(c);
        findings.LeftOut.AddRange(await new QueueAudit(audit).RunAsync(c));
        await UnknownAsync(audit, c);
        return findings;
    }

    /// <summary>Names the deposits that a join over prints missed something of: only then are the rows read again.</summary>
    private static async Task NameAsync(Audit audit, DepositAudit deposits, OriginalAudit originals, HashSet<ulong> lost, CancellationToken c)
    {
        var (idle, repeated) = (deposits.Ids.Where(DepositAudit.Eager, DepositAudit.Due), deposits.Ids.Repeated());
        for (var shard = 0; shard < RawTables.Shards && lost.Count + idle.Count + repeated.Count > 0; shard++)
        {
            await foreach (var entity in audit.Tables.RangeAsync(Names.Deposits, RawTables.Shard(shard), "d|", c, "Originals"))
            {
                var row = RawTables.Deposit(entity);
                await originals.MissingAsync(row, lost, c);
                if (idle.Contains(audit.Prints.Of(row.Id)))
                    await DueAudit.MissingAsync(audit, row, c);

                if (repeated.Contains(audit.Prints.Of(row.Id)))
                    audit.Findings.Add("I1", row.Where, "id-repeated", "another deposit has the same id");
            }
        }
    }

    private static async Task UnknownAsync(Audit audit, CancellationToken c)
    {
        var shards = Enumerable.Range(0, RawTables.Shards).Select(RawTables.Shard).ToList();
        foreach (var (table, partitions, rows) in new (string, IReadOnlyList<string>, IReadOnlyList<string>)[]
        {
            (Names.Deposits, shards, ["b|", "d|", "i|", "l|", "o|", "p|", "t|", "u|", "w|", "x|", "y|"]),
            (Names.Checkpoints, ["anchor", "checkpoint", "log", "refused"], ["0", "2", "head", "housekeeping", "lease", "stamped", "swept"]),
        })
        {
            await foreach (var row in audit.Tables.UnknownAsync(table, partitions, rows, c))
                audit.Findings.Add("I8", RawTables.Where(table, row), "row-unknown", "nobody reads such a row");
        }
    }

    private static IReadOnlyList<string> LeftOut(Findings findings, bool offline, int sample)
        => [.. offline ? ["chain"] : Array.Empty<string>(),
            .. sample == 0 ? ["originals' content"] : sample > 1 ? [$"content of all but one in {sample} originals"] : Array.Empty<string>(),
            .. findings.LeftOut];

    /// <summary>What an audit says, as JSON.</summary>
    internal static JsonObject Summary(Findings findings, IReadOnlyList<string> left)
    {
        return new JsonObject
        {
            ["ok"] = findings.Total == 0,
            ["counts"] = new JsonObject(findings.Counts.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value))),
            ["findings"] = List(findings.All),
            ["total"] = findings.Total,
            ["notes"] = List(findings.Notes),
            ["leftOut"] = new JsonArray([.. left.Select(s => (JsonNode)s)]),
        };

        static JsonArray List(IEnumerable<Finding> list)
            => new([.. list.Select(f => new JsonObject { ["invariant"] = f.Invariant, ["where"] = f.Where, ["code"] = f.Code, ["reason"] = f.Reason })]);
    }

    internal static StorageAccount Open(string? connection, string? account, string? events)
    {
        connection ??= Environment.GetEnvironmentVariable(ConnectionVariable);
        try
        {
            return (connection, account) switch
            {
                ({ } text, null) when events is null => StorageAccount.Open(new StorageOptions { ConnectionString = text }),
                (null, { } name) => StorageAccount.Open(
                    new StorageOptions
                    {
                        BlobServiceUri = new($"https://{name}.blob.core.windows.net"),
                        QueueServiceUri = new($"https://{events ?? name}.queue.core.windows.net"),
                        TableServiceUri = new($"https://{name}.table.core.windows.net")
                    },
                    new DefaultAzureCredential()),
                _ => throw new CliException($"give either --storage (or {ConnectionVariable}) or --account, and --events-account only with the latter"),
            };
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new CliException($"the storage account cannot be opened: {e.Message}", e);
        }
    }

    private static TokenCredential Credential(Uri vault)
        => vault.IsLoopback && Environment.GetEnvironmentVariable(VaultTokenVariable) is { } token
            ? new LoopbackCredential(token) : new DefaultAzureCredential();
}
