using Notary.Evidence.Drand;

namespace Notary.Verification.Ethereum;

/// <summary>How far a drand round could be judged.</summary>
public enum DrandOutcome
{
    /// <summary>The signature is not the round's; nothing may be concluded from it.</summary>
    Failed,

    /// <summary>It is the round's signature under the chain's key.</summary>
    Verified,

    /// <summary>The node could not be asked, or its chain lacks the precompiles of EIP-2537.</summary>
    Unjudged,
}

/// <summary>The verdict on a drand round.</summary>
/// <param name="Outcome">How far it went.</param>
/// <param name="Code">Stable: <c>verified</c>, <c>drand-signature</c> or <c>drand-unjudged</c>.</param>
/// <param name="Reason">A sentence for people.</param>
public sealed record DrandCheck(DrandOutcome Outcome, string Code, string Reason);

/// <summary>Verifies a drand round by the pairing of any node whose chain has EIP-2537: e(S, -G2) · e(H(SHA-256(round)), key) = 1.</summary>
/// <remarks>
/// .NET has no pairing. What is asked is arithmetic, of the precompiles themselves: no contract is believed, and any chain's node will do, so an
/// auditor who doubts one asks another. Everything but the map to the curve and the pairing is computed here.
/// </remarks>
public static class DrandVerifier
{
    private const string G1Add = "0x000000000000000000000000000000000000000b";
    private const string PairingCheck = "0x000000000000000000000000000000000000000f";
    private const string MapToG1 = "0x0000000000000000000000000000000000000010";

    // The generator of G2 negated: x.c1, x.c0, y.c1, y.c0.
    private static readonly byte[] MinusG2 = Convert.FromHexString(
        "13e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e"
        + "024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8"
        + "13fa4d4a0ad8b1ce186ed5061789213d993923066dddaf1040bc3ff59f825c78df74f2d75467e25e0f55f8a00fa030ed"
        + "0d1b3cc2c7027888be51d9ef691d77bcb679afda66c73f17f9ee3837a55024f78c71363275a75d75d86bab79f74782aa");

    /// <summary>Asks the node at <paramref name="rpc"/>.</summary>
    public static async Task<DrandCheck> CheckAsync(DrandChain chain, DrandRound round, Uri rpc, HttpClient http, CancellationToken cancel = default)
    {
        try
        {
            var (first, second) = Bls381.HashToField(round.Message, DrandRound.Tag);
            var p = await AskAsync(MapToG1, Padded(first), 128).ConfigureAwait(false);
            var q = await AskAsync(MapToG1, Padded(second), 128).ConfigureAwait(false);
            var hashed = await AskAsync(G1Add, [.. p, .. q], 128).ConfigureAwait(false);
            return await IsOneAsync([.. Padded(round.Point), .. Swapped(MinusG2), .. hashed, .. Swapped(chain.KeyPoint)]).ConfigureAwait(false)
                ? new DrandCheck(DrandOutcome.Verified, "verified", $"the signature is round {round.Round}'s of drand chain {chain.Hash}")
                : new DrandCheck(DrandOutcome.Failed, "drand-signature", $"the signature is not round {round.Round}'s of drand chain {chain.Hash}");
        }
        catch (Exception e) when (AnchorOnline.IsSilence(e, cancel))
        {
            return new DrandCheck(DrandOutcome.Unjudged, "drand-unjudged",
                $"the node at {rpc.Authority} could not be asked for a pairing ({(e is FaultException ? e.Message : e.GetType().Name)})");
        }

        async Task<byte[]> AskAsync(string precompile, byte[] input, int size)
        {
            var answer = await AnchorOnline.CallAsync(
                http, rpc, "eth_call", [new JsonObject { ["to"] = precompile, ["data"] = Hex.Of(input) }, "latest"], cancel).ConfigureAwait(false);
            return Hex.Bytes(AnchorOnline.Text(answer), size);
        }

        // The precompile refuses points outside the curve or its subgroup, which are no signatures. A node that then also refuses the
        // generator with infinity refuses for a reason of its own.
        async Task<bool> IsOneAsync(byte[] product)
        {
            try
            {
                return await AskAsync(PairingCheck, product, 32).ConfigureAwait(false) is [.., 1];
            }
            catch (FaultException e) when (e.Fault == Fault.ChainRefused)
            {
                return await AskAsync(PairingCheck, [.. new byte[128], .. Swapped(MinusG2)], 32).ConfigureAwait(false) is [.., 1]
                    ? false
                    : throw new FaultException(Fault.ChainRefused, "the node computes no pairings", e);
            }
        }
    }

    // EIP-2537 puts each coordinate of 48 bytes into 64, and c0 before c1.
    private static byte[] Padded(ReadOnlySpan<byte> coordinates)
    {
        var padded = new List<byte>();
        for (var rest = coordinates; !rest.IsEmpty; rest = rest[Bls381.FieldSize..])
            padded.AddRange([.. new byte[64 - Bls381.FieldSize], .. rest[..Bls381.FieldSize]]);

        return [.. padded];
    }

    private static byte[] Swapped(byte[] point)
        => [.. Padded(point.AsSpan(48, 48)), .. Padded(point.AsSpan(0, 48)), .. Padded(point.AsSpan(144, 48)), .. Padded(point.AsSpan(96, 48))];
}
