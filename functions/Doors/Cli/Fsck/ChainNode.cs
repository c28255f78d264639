using System.Net.Http.Json;

namespace Notary.Cli;

/// <summary>A node that refused a call.</summary>
/// <param name="sentence">For people.</param>
/// <param name="data">What a contract answered instead, <c>0x…</c>; null when it was not the contract.</param>
internal sealed class NodeRefusedException(string sentence, string? data) : CliException(sentence)
{
    public string? Revert => data;
}

/// <summary>The questions that an audit asks one node, and what a party of a draw sends.</summary>
internal sealed class ChainNode(HttpClient http, Uri rpc)
{
    /// <summary>Blocks of one eth_getLogs: what common nodes allow.</summary>
    private const long LogWindow = 10_000;

    /// <summary>Block times remembered: deposits of one minute name few blocks. More are asked for again.</summary>
    private const int MaxRemembered = 4096;

    private readonly Lock gate = new();
    private readonly Dictionary<ChainHead, DateTimeOffset?> times = [];

    public async Task DemandChainAsync(long chainId, CancellationToken c)
    {
        if (Number(await AskAsync("eth_chainId", [], c)) != chainId)
            throw new CliException($"the node is not on chain {chainId}");
    }

    public async Task<long> NewestAsync(CancellationToken c) => Number(await AskAsync("eth_blockNumber", [], c));

    /// <summary>Transactions of an account in blocks.</summary>
    public async Task<long> NonceAsync(string account, CancellationToken c) => Number(await AskAsync("eth_getTransactionCount", [account, "latest"], c));

    /// <summary>The time of a block that is canonical; null when the chain has another there, or none.</summary>
    public async Task<DateTimeOffset?> TimeOfAsync(ChainHead head, CancellationToken c)
    {
        lock (gate)
        {
            if (times.TryGetValue(head, out var known))
                return known;
        }

        var block = await AskAsync("eth_getBlockByNumber", [Hex(head.Block), false], c);
        DateTimeOffset? time = block.ValueKind == JsonValueKind.Object && Text(block, "hash") == head.Hash
            ? DateTimeOffset.FromUnixTimeSeconds(Number(block.GetProperty("timestamp"))) : null;
        lock (gate)
        {
            if (times.Count >= MaxRemembered)
                times.Clear();

            times[head] = time;
        }

        return time;
    }

    /// <summary>The canonical block that holds a transaction and whether it succeeded there; null when none does.</summary>
    public async Task<(string Block, bool Succeeded)?> MinedAsync(string transaction, CancellationToken c)
    {
        var receipt = await AskAsync("eth_getTransactionReceipt", [transaction], c);
        if (receipt.ValueKind != JsonValueKind.Object || Text(receipt, "blockHash") is not { } hash)
            return null;

        // Some nodes go on serving receipts of blocks that were reorganised away.
        var block = await AskAsync("eth_getBlockByNumber", [receipt.GetProperty("blockNumber").GetString(), false], c);
        return block.ValueKind == JsonValueKind.Object && Text(block, "hash") == hash ? (hash, Text(receipt, "status") == "0x1") : null;
    }

    /// <summary>A contract's events with a topic, in the order of the chain, fetched window by window.</summary>
    public async IAsyncEnumerable<JsonElement> EventsAsync(
        string contract, string topic, long from, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken c)
    {
        var newest = await NewestAsync(c);
        for (; from <= newest; from += LogWindow)
        {
            var filter = new JsonObject
            {
                ["address"] = contract,
                ["fromBlock"] = Hex(from),
                ["toBlock"] = Hex(Math.Min(newest, from + LogWindow - 1)),
                ["topics"] = new JsonArray(topic)
            };
            var logs = await AskAsync("eth_getLogs", [filter], c);
            foreach (var entry in logs.ValueKind == JsonValueKind.Array
                ? logs.EnumerateArray() : throw new CliException("the node's answer to eth_getLogs is not a list"))
                yield return entry;
        }
    }

    public static string? Text(JsonElement e, string name)
        => e.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <exception cref="CliException">It is none.</exception>
    public static string TextOf(JsonElement value)
        => value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new CliException("the node's answer is not what was asked for");

    public static string Hex(long number) => "0x" + number.ToString("x", CultureInfo.InvariantCulture);

    public static long Number(JsonElement quantity)
        => quantity.ValueKind == JsonValueKind.String && quantity.GetString() is ['0', 'x', ..] text
            && long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new CliException("the node's answer is not a number");

    public async Task<JsonElement> AskAsync(string method, JsonArray parameters, CancellationToken c)
    {
        try
        {
            using var answer = await http.PostAsJsonAsync(rpc,
                new JsonObject { ["jsonrpc"] = "2.0", ["id"] = 1, ["method"] = method, ["params"] = parameters }, c);
            answer.EnsureSuccessStatusCode();
            var json = await answer.Content.ReadFromJsonAsync<JsonElement>(c);
            return json.ValueKind == JsonValueKind.Object && json.TryGetProperty("result", out var result)
                ? result : throw Refused(method, json);
        }
        catch (JsonException e)
        {
            throw new CliException($"the node's answer to {method} is not JSON", e);
        }
        catch (OperationCanceledException e) when (!c.IsCancellationRequested)
        {
            throw new CliException($"the node did not answer {method} in time", e);
        }
    }

    // Nodes put a contract's answer into error.data, or an object's data within.
    private static NodeRefusedException Refused(string method, JsonElement json)
    {
        var error = json.ValueKind == JsonValueKind.Object && json.TryGetProperty("error", out var e) && e.ValueKind == JsonValueKind.Object ? e : default;
        if (error.ValueKind != JsonValueKind.Object)
            return new NodeRefusedException($"the node refused {method}", null);

        var data = error.TryGetProperty("data", out var d) ? d : default;
        if (data.ValueKind == JsonValueKind.Object)
            data = data.TryGetProperty("data", out var within) ? within : default;

        return new NodeRefusedException(ReportPrinter.Printable($"the node refused {method}: {Text(error, "message")}"),
            data.ValueKind == JsonValueKind.String ? data.GetString() : null);
    }
}
