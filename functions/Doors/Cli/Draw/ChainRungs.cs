using Notary.Evidence.Drand;
using Notary.Verification.Ethereum;

namespace Notary.Cli;

/// <summary>What a node of the draw's chain shows: registration, commits, reveals, seed, result, and the beacon itself.</summary>
internal sealed class ChainRungs(DrawReport report, AuditQuestion question, HttpClient http)
{
    private const string Chain = "chain", Beacon = "beacon";

    // The contract's states.
    private const int Finished = 3, Aborted = 4;

    /// <summary>Blocks before the commit deadline from which the seed's event is looked for: a slow chain's round can close a draw early.</summary>
    private const long Early = 10_000;

    /// <param name="result">SHA-256 of result.json; null when it cannot be read.</param>
    /// <param name="beacon">Which, in words.</param>
    public async Task JudgeAsync(DrawDocument draw, DrawReveals reveals, Digest? result, string beacon, CancellationToken cancel)
    {
        var registry = draw.Registry.ToString();
        var sight = await DrawOnline.ReadAsync(draw.ChainId, draw.Registry, draw.Id, question.Confirmations, question.Rpc!, http, cancel);
        if (sight.Outcome == AnchorOutcome.Failed)
            report.Fail(Chain, registry, sight.Code, sight.Reason);

        if (sight.Draw is not { } seen)
        {
            if (sight.Outcome != AnchorOutcome.Failed)
                report.Unknown(Chain, registry, sight.Code, sight.Reason);

            report.Unknown(Beacon, beacon, sight.Code, $"that its value is {reveals.Beacon} was taken as given");
            return;
        }

        report.Pass(Chain, registry, sight.Reason);
        var commitment = draw.Commitment();
        report.Judge(Chain, DrawFiles.Draw, seen.Commitment == commitment && seen.Kind == (draw.Rehearsal ? 2 : 1) && IsPlanned(draw, seen),
            "commitment, kind, deadline and beacon are those on chain", "chain-differs", "commitment, kind, deadline or beacon are not those on chain");
        report.Judge(Chain, DrawFiles.Reveals,
            seen.Parties.Select(p => (p.Account, p.Commitment, p.Secret)).SequenceEqual(reveals.Commits.Select(c => (c.Party, c.Commitment, c.Secret))),
            $"all {reveals.Commits.Count} commits and their reveals are those on chain", "chain-reveals", "commits or reveals are not those on chain");
        report.Judge(Chain, "seed", seen.Seed == reveals.Seed(commitment), "the contract computed the same seed", "chain-seed", $"the chain has {seen.Seed}");
        if (seen.State == Aborted)
            report.Fail(Chain, DrawFiles.Result, "draw-aborted", "the draw was ABORTED on chain: it has no result");
        else
            report.Judge(Chain, DrawFiles.Result, seen.State == Finished && seen.Outcome == result, "its digest is the one result on chain", "chain-result",
                seen.State == Finished ? $"the chain has another result, {seen.Outcome}" : "the chain has no result under so many blocks");

        if (seen.Beacon != reveals.Beacon)
            report.Fail(Beacon, beacon, "beacon-differs", $"the chain has {seen.Beacon}, and the draw was computed with {reveals.Beacon}");
        else if (draw.Beacon is BeaconPlan.Drand plan)
            await DrandAsync(draw, plan, seen, sight.DrandHash, beacon, cancel);
        else
            report.Pass(Beacon, beacon, $"has the hash {reveals.Beacon} on the chain");
    }

    private static bool IsPlanned(DrawDocument draw, RegisteredDraw seen) => seen.RevealDeadline == draw.RevealDeadline && draw.Beacon switch
    {
        BeaconPlan.Drand d => seen.Source == (int)BeaconKind.Drand && seen.Number == d.Round,
        BeaconPlan.Block b => seen.Source == (int)BeaconKind.Block && seen.Number == b.Confirmations && b.DeadlineBlock == draw.RevealDeadline
            && b.ChainId == draw.ChainId,
        _ => false,
    };

    private async Task DrandAsync(DrawDocument draw, BeaconPlan.Drand plan, RegisteredDraw seen, Digest? registry, string beacon, CancellationToken cancel)
    {
        if (registry != plan.ChainHash)
        {
            report.Fail(Beacon, beacon, "beacon-chain", $"the registry verifies another drand chain, {registry}");
        }
        else if (question.Drand.Hash != plan.ChainHash)
        {
            report.Unknown(Beacon, beacon, "drand-unknown", "its chain is not one known here; --drand names what a node of it says under /info");
        }
        else if (await DrawOnline.SignatureAsync(
            draw.Registry, draw.Id, Math.Max(0, seen.CommitDeadline - Early), question.Rpc!, http, cancel) is not { } point)
        {
            report.Unknown(Beacon, beacon, "drand-unjudged", "the node did not tell the signature with which the seed was fixed");
        }
        else
        {
            await SignatureAsync(DrandRound.OfPoint(plan.Round, point), seen, beacon, cancel);
        }
    }

    private async Task SignatureAsync(DrandRound round, RegisteredDraw seen, string beacon, CancellationToken cancel)
    {
        if (round.Randomness != seen.Beacon)
        {
            report.Fail(Beacon, beacon, "beacon-differs", "the signature is not the one of which the value was made");
            return;
        }

        var check = await DrandVerifier.CheckAsync(question.Drand, round, question.Rpc!, http, cancel);
        if (check.Outcome == DrandOutcome.Unjudged)
            report.Unknown(Beacon, beacon, check.Code, check.Reason);
        else
            report.Judge(Beacon, beacon, check.Outcome == DrandOutcome.Verified, check.Reason, check.Code, check.Reason);
    }
}
