namespace Notary.Verification.Ethereum;

/// <summary>What a node shows of a draw's registration.</summary>
/// <param name="Outcome"><see cref="AnchorOutcome.Canonical"/> when it stands under enough blocks, <see cref="AnchorOutcome.Failed"/> when there is
/// something else, <see cref="AnchorOutcome.Unreachable"/> when the node could not be asked.</param>
/// <param name="Code">Stable: <c>registered</c>, <c>chain-unreachable</c>, <c>draw-wrong-chain</c>, <c>draw-registry</c>, <c>draw-unknown</c> or
/// <c>draw-beacon-block</c>.</param>
/// <param name="Reason">A sentence for people.</param>
/// <param name="Draw">Only when canonical.</param>
/// <param name="AsOf">The block after which it stood so.</param>
/// <param name="DrandHash">The drand chain that the registry verifies.</param>
/// <param name="Margin">Seconds between the last block that may hold a reveal and the round.</param>
public sealed record DrawSight(
    AnchorOutcome Outcome, string Code, string Reason, RegisteredDraw? Draw = null, ChainHead? AsOf = null, Digest? DrandHash = null, long? Margin = null);

/// <summary>Asks a node of the draw's chain what the registry holds, for an auditor to compare with what the evidence says.</summary>
/// <remarks>The state is the one that has stood for so many blocks, so all in it is at least as deep. The drand signature is
/// <see cref="DrandVerifier"/>'s matter.</remarks>
public static class DrawOnline
{
    private const int BlockSource = 2;

    /// <summary>Blocks of one eth_getLogs: what common nodes allow.</summary>
    private const long LogWindow = 10_000;

    /// <summary>A year of blocks every three seconds: whoever fixes a seed does not wait so long, and a node may lie about its newest block.</summary>
    private const int MaxWindows = 1_000;

    /// <param name="chainId">Of the draw's description.</param>
    /// <param name="registry">Likewise.</param>
    /// <param name="drawId">The draw.</param>
    /// <param name="confirmations">Blocks under which it must stand, from 1.</param>
    /// <param name="rpc">The node.</param>
    /// <param name="http">Asks it.</param>
    /// <param name="cancel">Ends it.</param>
    public static async Task<DrawSight> ReadAsync(
        long chainId, Address registry, Digest drawId, int confirmations, Uri rpc, HttpClient http, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(confirmations, 1);
        try
        {
            return await AskAsync(chainId, registry, drawId, confirmations,
                (method, parameters) => AnchorOnline.CallAsync(http, rpc, method, parameters, cancel)).ConfigureAwait(false);
        }
        catch (Exception e) when (AnchorOnline.IsSilence(e, cancel))
        {
            var why = e is FaultException ? e.Message : e.GetType().Name;
            return new DrawSight(AnchorOutcome.Unreachable, "chain-unreachable", $"the node at {rpc.Authority} could not be asked ({why})");
        }
    }

    /// <summary>The drand signature with which the seed was fixed, x and y, as the registry's event tells it; null when the node does not.</summary>
    /// <param name="registry">Of the draw's description.</param>
    /// <param name="drawId">The draw.</param>
    /// <param name="from">A block before that of the seed.</param>
    /// <param name="rpc">The node.</param>
    /// <param name="http">Asks it.</param>
    /// <param name="cancel">Ends it.</param>
    /// <remarks>Nothing is believed of it: only one signature is the round's.</remarks>
    public static async Task<byte[]?> SignatureAsync(
        Address registry, Digest drawId, long from, Uri rpc, HttpClient http, CancellationToken cancel = default)
    {
        try
        {
            var newest = Hex.Long(AnchorOnline.Text(await AnchorOnline.CallAsync(http, rpc, "eth_blockNumber", [], cancel).ConfigureAwait(false)));
            for (var (at, asked) = (from, 0); at <= newest && asked < MaxWindows; at += LogWindow, asked++)
            {
                var logs = await AnchorOnline.CallAsync(http, rpc, "eth_getLogs",
                    [new JsonObject
                    {
                        ["address"] = registry.ToLowerHex(),
                        ["fromBlock"] = Hex.Quantity(at),
                        ["toBlock"] = Hex.Quantity(Math.Min(newest, at + LogWindow - 1)),
                        ["topics"] = new JsonArray(Hex.Of(DrawContract.SeedFixed), Hex.Of(drawId.ToArray())),
                    }], cancel).ConfigureAwait(false);
                if (logs.ValueKind == JsonValueKind.Array && logs.GetArrayLength() > 0 && logs[0].TryGetProperty("data", out var data)
                    && DrawContract.TrySignature(Hex.Bytes(AnchorOnline.Text(data)), out var signature))
                {
                    return signature;
                }
            }
        }
        catch (Exception e) when (AnchorOnline.IsSilence(e, cancel))
        {
            // As if it did not tell.
        }

        return null;
    }

    private static async Task<DrawSight> AskAsync(
        long chainId, Address registry, Digest drawId, int confirmations, Func<string, JsonArray, Task<JsonElement>> call)
    {
        var chain = Hex.Number(AnchorOnline.Text(await call("eth_chainId", []).ConfigureAwait(false)));
        if (chain != chainId)
            return Bad("draw-wrong-chain", $"the node is on chain {chain}, not {chainId}");

        var number = Math.Max(0, Hex.Long(AnchorOnline.Text(await call("eth_blockNumber", []).ConfigureAwait(false))) - confirmations + 1);
        var hash = await HashAsync(number).ConfigureAwait(false);
        var at = new JsonObject { ["blockHash"] = hash };
        var code = Hex.Bytes(AnchorOnline.Text(await call("eth_getCode", [registry.ToLowerHex(), at.DeepClone()]).ConfigureAwait(false)));
        if (Digest.Of(code) != DrawContract.Code)
            return Bad("draw-registry", $"what stands at {registry} is not the draw registry");

        var (draw, parties) = (await ReadAsync(DrawContract.EncodeDrawOf(drawId)).ConfigureAwait(false),
            await ReadAsync(DrawContract.EncodePartiesOf(drawId)).ConfigureAwait(false));
        var drand = await ReadAsync(DrawContract.EncodeChainHash()).ConfigureAwait(false);
        var terms = await ReadAsync(DrawContract.EncodeMargin()).ConfigureAwait(false);
        if (!DrawContract.TryDecode(draw, parties, out var registered) || drand.Length != Digest.Size || !DrawContract.TryNumber(terms, out var margin))
            throw new FaultException(Fault.ChainRefused, "the node answered what cannot be read");

        if (registered is null)
            return Bad("draw-unknown", $"no such draw is registered under {confirmations} blocks");

        if (registered is { Source: BlockSource, Beacon: { } beacon }
            && await HashAsync(registered.RevealDeadline + registered.Number).ConfigureAwait(false) != Hex.Of(beacon.ToArray()))
        {
            return Bad("draw-beacon-block", $"the beacon is not the hash of block {registered.RevealDeadline + registered.Number} of the chain");
        }

        return new DrawSight(AnchorOutcome.Canonical, "registered", $"the draw stands so on the chain since block {number} or earlier",
            registered, new ChainHead(chainId, number, hash), new Digest(drand), margin);

        async Task<byte[]> ReadAsync(byte[] data) => Hex.Bytes(AnchorOnline.Text(await call("eth_call",
            [new JsonObject { ["to"] = registry.ToLowerHex(), ["data"] = Hex.Of(data) }, at.DeepClone()]).ConfigureAwait(false)));

        async Task<string> HashAsync(long block)
        {
            var read = await call("eth_getBlockByNumber", [Hex.Quantity(block), false]).ConfigureAwait(false);
            return read.ValueKind == JsonValueKind.Object && read.TryGetProperty("hash", out var value)
                ? AnchorOnline.Text(value)
                : throw new FaultException(Fault.ChainRefused, $"the node does not tell block {block}");
        }
    }

    private static DrawSight Bad(string code, string reason) => new(AnchorOutcome.Failed, code, reason);
}
