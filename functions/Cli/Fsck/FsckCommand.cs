using System.CommandLine;
using System.Text.Json.Nodes;
using Azure.Core;
using Azure.Identity;
using Notary.Evidence;
using Notary.Keys;
using Notary.Storage;
using Notary.Verification;

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

    internal sealed record Inputs(StorageAccount Storage, TrustRoots Trust, Uri? Rpc, VaultKeyEncryption? Vault, int Sample, long FromBlock, int Passes = MaxPasses);

    public static Command Build(Terminal terminal)
    {
        var trust = new Option<string>("--trust") { Description = "The platform's trust file.", Required = true };
        var connection = new Option<string?>("--storage") { Description = $"Connection string; from {ConnectionVariable} when absent." };
        var account = new Option<string?>("--account") { Description = "Instead of a connection string: the storage account's name, entered with Azure's default credential." };
        var rpc = ServerOptions.Address("--rpc", "A node of the chain.");
        var noChain = new Option<bool>("--no-chain") { Description = "Judge anchors by their proofs alone." };
        var fromBlock = new Option<long>("--from-block") { Description = "The block from which the contract's events are read: not after its deployment." };
        var vault = ServerOptions.Address("--vault", "The key vault, to decrypt originals.");
        var originals = new Option<int>("--originals") { Description = "Decrypt one of every N originals; 1 for all, 0 for none.", DefaultValueFactory = _ => 1 };
        var command = new Command("fsck", "Audits the whole platform from raw storage, tokens and chain.") { trust, connection, account, rpc, noChain, fromBlock, vault, originals };
        command.SetAction(async (p, cancel) =>
        {
            if (p.GetValue(rpc) is null != p.GetValue(noChain))
            {
                throw new CliException("give either --rpc or --no-chain");
            }

            var sample = p.GetValue(originals);
            if (sample < 0 || (sample > 0 && p.GetValue(vault) is null))
            {
                throw new CliException("originals can only be decrypted with --vault; --originals 0 leaves them undecrypted");
            }

            var storage = Open(p.GetValue(connection) ?? Environment.GetEnvironmentVariable(ConnectionVariable), p.GetValue(account));
            var roots = await VerifyCommand.ReadTrustAsync(p.GetValue(trust)!, cancel);
            var key = sample > 0 ? await VaultKeyEncryption.OpenAsync(new KeyClient(p.GetValue(vault)!, Credential(p.GetValue(vault)!)), KeyNames.KeyEncryption, cancel) : null;
            var findings = await RunAsync(new Inputs(storage, roots, p.GetValue(rpc), key, sample, p.GetValue(fromBlock)), terminal, cancel);
            await terminal.Output.WriteLineAsync(Summary(findings, p.GetValue(rpc) is null, sample).ToJsonString(ReportPrinter.Readable));
            return findings.Total == 0 ? Exit.Passed : Exit.Failed;
        });
        return command;
    }

    internal static async Task<Findings> RunAsync(Inputs inputs, Terminal terminal, CancellationToken cancel)
    {
        for (var pass = 1; ; pass++)
        {
            var findings = await PassAsync(inputs, text => terminal.Error.WriteLine($"fsck: {text}"), cancel);
            if (findings.Total == 0 || pass == inputs.Passes)
            {
                return findings;
            }

            await terminal.Error.WriteLineAsync($"fsck: {findings.Total} findings; looking again, in case they are work under way");
            await Task.Delay(BetweenPasses, cancel);
        }
    }

    private static async Task<Findings> PassAsync(Inputs inputs, Action<string> progress, CancellationToken c)
    {
        var findings = new Findings();
        using var http = new HttpClient { Timeout = RpcTimeout };
        var chain = new ChainAudit(inputs.Trust, findings, http, inputs.Rpc);

        progress("reading tables");
        var rows = await RawRows.ReadAsync(inputs.Storage, progress, c);
        progress($"re-deriving the log for {rows.Checkpoints.Count} checkpoints");
        var tree = await new LogAudit(inputs.Storage, inputs.Trust, findings, progress).RunAsync(rows, c);
        progress($"checking {rows.Deposits.Count} deposits");
        var manifests = new DepositAudit(inputs.Trust, findings).Run(rows, tree, i => tree!.Entry(i));
        progress($"checking {rows.Anchors.Count} anchors");
        var anchors = await chain.RunAsync(rows, tree, inputs.FromBlock, c);
        if (inputs.Rpc is not null)
        {
            await NotBeforeAsync(manifests, chain, findings, c);
        }

        progress("checking originals");
        var content = new ContentAudit(inputs.Storage, inputs.Trust, findings, inputs.Vault);
        await content.OriginalsAsync(manifests, (row, item) => inputs.Sample > 0 && (row.Id.GetHashCode(StringComparison.Ordinal) & int.MaxValue) % inputs.Sample == 0, TimeProvider.System.GetUtcNow(), c);
        progress("checking letters");
        await content.LettersAsync(manifests, rows, tree, anchors, c);
        return findings;
    }

    /// <summary>I5: the block that a manifest names as its past is older than the deposit.</summary>
    private static async Task NotBeforeAsync(Dictionary<DepositRecord, (Manifest Manifest, Digest Digest)> manifests, ChainAudit chain, Findings findings, CancellationToken c)
    {
        var times = new Dictionary<ChainHead, DateTimeOffset?>();
        foreach (var (row, (manifest, _)) in manifests)
        {
            if (manifest.NotBefore is not { } head)
            {
                continue;
            }

            if (!times.TryGetValue(head, out var time))
            {
                times.Add(head, time = await chain.TimeOfAsync(head, c));
            }

            // A block that was reorganised away says nothing any more.
            if (time > manifest.ReceivedAt + AuditTime.MaxSkew)
            {
                findings.Add("I5", row.Where, "time-order", "the manifest names a block that is younger than the deposit");
            }
        }
    }

    private static JsonObject Summary(Findings findings, bool offline, int sample) => new()
    {
        ["ok"] = findings.Total == 0,
        ["counts"] = new JsonObject(findings.Counts.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value))),
        ["findings"] = new JsonArray([.. findings.All.Select(f => new JsonObject { ["invariant"] = f.Invariant, ["where"] = f.Where, ["code"] = f.Code, ["reason"] = f.Reason })]),
        ["total"] = findings.Total,
        ["leftOut"] = new JsonArray([.. (offline ? new[] { "chain" } : []).Concat(sample == 0 ? ["originals' content"] : sample > 1 ? [$"content of all but one in {sample} originals"] : []).Select(s => (JsonNode)s)]),
    };

    private static StorageAccount Open(string? connection, string? account)
    {
        try
        {
            return (connection, account) switch
            {
                ({ } text, null) => StorageAccount.Open(new StorageOptions { ConnectionString = text }),
                (null, { } name) => StorageAccount.Open(
                    new StorageOptions { BlobServiceUri = new($"https://{name}.blob.core.windows.net"), QueueServiceUri = new($"https://{name}.queue.core.windows.net"), TableServiceUri = new($"https://{name}.table.core.windows.net") },
                    new DefaultAzureCredential()),
                _ => throw new CliException($"give either --storage (or {ConnectionVariable}) or --account"),
            };
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new CliException($"the storage account cannot be opened: {e.Message}", e);
        }
    }

    private static TokenCredential Credential(Uri vault)
        => vault.IsLoopback && Environment.GetEnvironmentVariable(VaultTokenVariable) is { } token ? new LoopbackCredential(token) : new DefaultAzureCredential();
}
