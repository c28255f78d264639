using System.Net.Http.Json;

namespace Notary.Verification.Ethereum;

/// <summary>The questions to a node that turn "consistent" into "on the chain".</summary>
internal static class AnchorOnline
{
    // The largest answer asked for is a block without its transactions' bodies: some 70 bytes a transaction.
    private const int MaxReplyBytes = 4 * 1024 * 1024;

    public static async Task<AnchorCheck> CheckAsync(
        AnchorCheck offline, AnchorProof proof, int confirmations, Uri rpc, HttpClient http, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(confirmations, 1);
        try
        {
            return await AskAsync(offline, proof, confirmations,
                (method, parameters) => CallAsync(http, rpc, method, parameters, cancel)).ConfigureAwait(false);
        }
        catch (Exception e) when (IsSilence(e, cancel))
        {
            var why = e is FaultException ? e.Message : e.GetType().Name;
            var reason = $"the proof is consistent, but the node at {rpc.Authority} could not be asked ({why})";
            return offline with { Outcome = AnchorOutcome.Unreachable, Code = "chain-unreachable", Reason = reason };
        }
    }

    /// <summary>The hash of the canonical block of this number; null when the node cannot tell.</summary>
    public static async Task<string?> HashAsync(long number, Uri rpc, HttpClient http, CancellationToken cancel)
    {
        try
        {
            var block = await CallAsync(http, rpc, "eth_getBlockByNumber", [Hex.Quantity(number), false], cancel).ConfigureAwait(false);
            return block.ValueKind == JsonValueKind.Object && block.TryGetProperty("hash", out var hash) ? Text(hash) : null;
        }
        catch (Exception e) when (IsSilence(e, cancel))
        {
            return null;
        }
    }

    internal static bool IsSilence(Exception e, CancellationToken cancel) => e is HttpRequestException or IOException or JsonException or FaultException
        || (e is OperationCanceledException && !cancel.IsCancellationRequested);

    private static async Task<AnchorCheck> AskAsync(AnchorCheck offline, AnchorProof proof, int confirmations, Func<string, JsonArray, Task<JsonElement>> call)
    {
        var chain = Hex.Number(Text(await call("eth_chainId", []).ConfigureAwait(false)));
        if (chain != proof.ChainId)
            return Bad(offline, "anchor-wrong-chain", $"the node is on chain {chain}, not {proof.ChainId}", null);

        // The head first: a block that comes meanwhile can only make the depth look smaller than it is.
        var head = Hex.Long(Text(await call("eth_blockNumber", []).ConfigureAwait(false)));
        var block = await call("eth_getBlockByNumber", [Hex.Quantity(proof.Block), false]).ConfigureAwait(false);
        if (block.ValueKind != JsonValueKind.Object || !block.TryGetProperty("hash", out var hash) || Text(hash) != proof.BlockHash)
            return Bad(offline, "anchor-not-canonical",
                $"block {proof.Block} of the chain is another one: the anchor's block was reorganised away or never was", null);

        var depth = Math.Max(1, head - proof.Block + 1);
        if (depth < confirmations)
            return Bad(offline, "anchor-too-new", $"the anchor's block has {depth} of {confirmations} confirmations", depth);

        if (Text(await call("eth_getCode", [proof.Contract, "latest"]).ConfigureAwait(false)) == "0x")
            return Bad(offline, "anchor-contract", "there is no contract at the trusted address", depth);

        return offline with
        {
            Outcome = AnchorOutcome.Canonical,
            Code = "canonical",
            Reason = string.Create(CultureInfo.InvariantCulture,
                $"block {proof.Block} is on the chain under {depth} confirmations and commits to the anchor in transaction {proof.TransactionHash}"),
            Depth = depth,
        };
    }

    internal static async Task<JsonElement> CallAsync(HttpClient http, Uri rpc, string method, JsonArray parameters, CancellationToken cancel)
    {
        using var content = JsonContent.Create(new JsonObject { ["jsonrpc"] = "2.0", ["id"] = 1, ["method"] = method, ["params"] = parameters });
        using var request = new HttpRequestMessage(HttpMethod.Post, rpc) { Content = content };
        using var reply = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel).ConfigureAwait(false);
        reply.EnsureSuccessStatusCode();
        var stream = await reply.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var json = await JsonSerializer.DeserializeAsync<JsonElement>(new Bounded(stream, MaxReplyBytes), cancellationToken: cancel).ConfigureAwait(false);
            return json.ValueKind == JsonValueKind.Object && json.TryGetProperty("result", out var result)
                ? result
                : throw new FaultException(Fault.ChainRefused, $"the node refused {method}");
        }
    }

    internal static string Text(JsonElement value)
        => value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new FaultException(Fault.ChainRefused, "the node answered what cannot be read");

    private static AnchorCheck Bad(AnchorCheck offline, string code, string reason, long? depth)
        => offline with { Outcome = AnchorOutcome.Failed, Code = code, Reason = reason, Depth = depth };

    // Ends a reply that does not end.
    private sealed class Bounded(Stream inner, long left) : ForwardStream
    {
        private long left = left;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            return (left -= read) >= 0 ? read : throw new IOException("a reply without end");
        }
    }
}
