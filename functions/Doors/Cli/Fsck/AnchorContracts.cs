using System.Runtime.CompilerServices;

namespace Notary.Cli;

/// <summary>The log's anchor contracts through a node: what they recorded, the earliest first, and whether the newest one would take another anchor.</summary>
internal sealed class AnchorContracts(ChainNode node, TrustRoots trust, long fromBlock)
{
    /// <summary>A size that no log reaches: asked about, never sent.</summary>
    private const long Beyond = 1L << 62;

    private static readonly string Topic = Hex.Of(AnchorContract.AnchoredTopic);

    /// <summary>The events, each with the size at which its contract was closed: null while it is open, or when its successor does not tell.</summary>
    public async IAsyncEnumerable<(JsonElement Event, long? Closed)> EventsAsync([EnumeratorCancellation] CancellationToken c)
    {
        string[] contracts = [.. trust.FormerContracts, trust.Contract];
        foreach (var (i, contract) in contracts.Index())
        {
            var closed = i + 1 < contracts.Length ? await ClosedAsync(contract, contracts[i + 1], c) : null;
            await foreach (var entry in node.EventsAsync(contract, Topic, fromBlock, c))
                yield return (entry, closed);
        }
    }

    /// <summary>Why none of the platform's senders could anchor now; null when one could, or none is named.</summary>
    public async Task<string?> RefusalAsync(CancellationToken c)
    {
        string? refusal = null;
        foreach (var sender in trust.Senders)
        {
            var call = Call(trust.Contract, AnchorContract.EncodeAnchor(Beyond, Digest.Of(AnchorContract.AnchoredTopic)));
            call["from"] = sender;
            try
            {
                await node.AskAsync("eth_call", [call, "latest"], c);
                return null;
            }
            catch (NodeRefusedException e) when (e.Revert is { } revert && ConsortiumAnchorContract.ErrorName(revert) is { } name)
            {
                refusal = $"{sender}: {name}";
            }
        }

        return refusal;
    }

    private async Task<long?> ClosedAsync(string former, string next, CancellationToken c)
    {
        try
        {
            return (await AskAsync("former")).Address(0) == Address.Parse(former) && (await AskAsync("open")).Number(0) == 1
                ? (await AskAsync("formerSize")).Number(0) : null;
        }
        catch (Exception e) when (e is NodeRefusedException or FormatException)
        {
            return null;
        }

        async Task<AbiReader> AskAsync(string name)
            => new(Hex.Bytes(ChainNode.TextOf(await node.AskAsync("eth_call", [Call(next, ConsortiumAnchorContract.EncodeAsk(name)), "latest"], c))));
    }

    private static JsonObject Call(string contract, byte[] data) => new() { ["to"] = contract, ["data"] = Hex.Of(data) };
}
