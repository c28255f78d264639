using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notary.Evidence;
using Notary.Evidence.Ethereum;
using Notary.Verification;
using Notary.Verification.Ethereum;

namespace Notary.Cli;

/// <summary>Anchors: what the rows prove, and what the contract really recorded, asked of a node.</summary>
internal sealed class ChainAudit(TrustRoots trust, Findings findings, HttpClient http, Uri? rpc)
{
    /// <summary>Blocks of one eth_getLogs: what common nodes allow.</summary>
    private const long LogWindow = 10_000;

    /// <summary>Returns the proofs of final anchors, by size.</summary>
    public async Task<Dictionary<long, AnchorProof>> RunAsync(RawRows rows, PlainTree? tree, long fromBlock, CancellationToken c)
    {
        var proofs = new Dictionary<long, AnchorProof>();
        foreach (var row in rows.Anchors.Where(a => a.Final))
        {
            findings.Count("anchors");
            if (Judge(row, tree) is { } proof)
            {
                proofs[row.Size] = proof;
                Order(row, proof, rows.Checkpoints.FirstOrDefault(k => k.Size == row.Size));
            }
        }

        if (rpc is not null)
        {
            await OnChainAsync(proofs, tree, fromBlock, c);
        }

        return proofs;
    }

    /// <summary>True when the block is canonical and its time is known; null when the chain no longer has it.</summary>
    public async Task<DateTimeOffset?> TimeOfAsync(ChainHead head, CancellationToken c)
    {
        var block = await AskAsync("eth_getBlockByNumber", ["0x" + head.Block.ToString("x", CultureInfo.InvariantCulture), false], c);
        return block.ValueKind == JsonValueKind.Object && block.GetProperty("hash").GetString() == head.Hash
            ? DateTimeOffset.FromUnixTimeSeconds(Number(block.GetProperty("timestamp")))
            : null;
    }

    private AnchorProof? Judge(AnchorRecordRow row, PlainTree? tree)
    {
        try
        {
            using var json = JsonDocument.Parse(row.Proof);
            var proof = AnchorProof.Parse(json.RootElement);
            if (tree is null || row.Size < 1 || row.Size > tree.Size)
            {
                findings.Add("I2", row.Where, "anchor-beyond", "the anchor is of a size that the log does not have");
                return null;
            }

            var check = AnchorVerifier.Check(proof, row.Size, tree.Root(row.Size), trust.ChainId, trust.Contract, trust.Senders);
            if (!check.Ok || row.BlockHash != proof.BlockHash)
            {
                findings.Add("I2", row.Where, check.Ok ? "anchor-row" : check.Code, check.Ok ? "the row names another block than its proof" : check.Reason);
                return null;
            }

            return proof;
        }
        catch (Exception e) when (e is JsonException or FaultException)
        {
            findings.Add("I2", row.Where, "anchor-malformed", "the anchor's proof cannot be read");
            return null;
        }
    }

    private void Order(AnchorRecordRow row, AnchorProof proof, CheckpointRecord? checkpoint)
    {
        if (checkpoint?.StampedAt is null)
        {
            findings.Add("I6", row.Where, "anchor-unstamped", "the anchored checkpoint is not stamped");
        }
        else if (checkpoint.At > proof.BlockTime + AuditTime.MaxSkew)
        {
            findings.Add("I5", row.Where, "time-order", "the block is older than the checkpoint that it anchors");
        }
    }

    /// <summary>Every event of the contract is a root of this log, no size twice; every final anchor is among them.</summary>
    private async Task OnChainAsync(Dictionary<long, AnchorProof> proofs, PlainTree? tree, long fromBlock, CancellationToken c)
    {
        if (Number(await AskAsync("eth_chainId", [], c)) != trust.ChainId)
        {
            throw new CliException($"the node is not on chain {trust.ChainId}");
        }

        var newest = Number(await AskAsync("eth_blockNumber", [], c));
        var seen = new Dictionary<long, (string Transaction, string Block)>();
        for (var from = fromBlock; from <= newest; from += LogWindow)
        {
            var filter = new JsonObject
            {
                ["address"] = trust.Contract,
                ["fromBlock"] = "0x" + from.ToString("x", CultureInfo.InvariantCulture),
                ["toBlock"] = "0x" + Math.Min(newest, from + LogWindow - 1).ToString("x", CultureInfo.InvariantCulture),
                ["topics"] = new JsonArray("0x" + Convert.ToHexStringLower(Keccak256.Hash("Anchored(uint64,bytes32,address)"u8))),
            };
            foreach (var entry in (await AskAsync("eth_getLogs", [filter], c)).EnumerateArray())
            {
                findings.Count("events");
                Event(entry, seen, tree);
            }
        }

        foreach (var (size, proof) in proofs)
        {
            if (!seen.TryGetValue(size, out var found) || found != (proof.TransactionHash, proof.BlockHash))
            {
                findings.Add("I2", $"checkpoints/anchor/{size:D20}", "anchor-not-on-chain", "the chain does not have this anchor in this block");
            }
        }
    }

    private void Event(JsonElement entry, Dictionary<long, (string Transaction, string Block)> seen, PlainTree? tree)
    {
        var (transaction, block) = (entry.GetProperty("transactionHash").GetString()!, entry.GetProperty("blockHash").GetString()!);
        var where = $"chain {trust.ChainId} transaction {transaction}";
        var topic = entry.GetProperty("topics")[1].GetString()!;
        var data = entry.GetProperty("data").GetString()!;
        if (topic.Length != 66 || data.Length < 66 || !long.TryParse(topic.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size))
        {
            findings.Add("I2", where, "event", "the contract's event cannot be read");
            return;
        }

        if (!seen.TryAdd(size, (transaction, block)))
        {
            findings.Add("I2", where, "anchored-twice", $"size {size} is on the chain twice");
        }

        if (tree is not null && size <= tree.Size && tree.Root(size).ToString() != data[2..66])
        {
            findings.Add("I2", where, "anchored-root", $"the chain has another root for size {size} than the log");
        }
    }

    private async Task<JsonElement> AskAsync(string method, JsonArray parameters, CancellationToken c)
    {
        try
        {
            using var answer = await http.PostAsJsonAsync(rpc, new JsonObject { ["jsonrpc"] = "2.0", ["id"] = 1, ["method"] = method, ["params"] = parameters }, c);
            answer.EnsureSuccessStatusCode();
            var json = await answer.Content.ReadFromJsonAsync<JsonElement>(c);
            return json.TryGetProperty("result", out var result) ? result : throw new CliException($"the node refused {method}");
        }
        catch (JsonException e)
        {
            throw new CliException($"the node's answer to {method} is not JSON", e);
        }
    }

    private static long Number(JsonElement quantity)
        => long.TryParse(quantity.GetString().AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) ? number : throw new CliException("the node's answer is not a number");
}
