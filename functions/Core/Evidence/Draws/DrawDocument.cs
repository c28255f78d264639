using System.Text.Json.Nodes;
using Notary.Evidence.Ethereum;

namespace Notary.Evidence.Draws;

/// <summary>Where the draw's beacon comes from.</summary>
public abstract record BeaconPlan
{
    /// <summary>A round of a drand network.</summary>
    public sealed record Drand(Digest ChainHash, long Round) : BeaconPlan;

    /// <summary>The hash of a block so many confirmations after the deadline.</summary>
    public sealed record Block(long ChainId, long DeadlineBlock, long Confirmations) : BeaconPlan;

    internal BeaconKind Kind => this is Drand ? BeaconKind.Drand : BeaconKind.Block;
}

/// <summary>The byte that stands for it in the seed.</summary>
public enum BeaconKind : byte
{
    Drand = 1,
    Block = 2,
}

/// <summary>The list, as it is committed to.</summary>
/// <param name="Root">RFC 6962 root over the leaves.</param>
/// <param name="Candidates">How many.</param>
/// <param name="Tickets">Sum of their weights.</param>
public sealed record ListCommitment(Digest Root, long Candidates, long Tickets);

/// <summary><c>draw.json</c> (docs/draw-format.md §3): everything that is fixed before there is any randomness.</summary>
/// <param name="Id">The draw's.</param>
/// <param name="Rehearsal">A rehearsal is another kind and never becomes a draw.</param>
/// <param name="Rules">Checked.</param>
/// <param name="List">Of the candidates.</param>
/// <param name="SpecDigest">SHA-256 of docs/draw-format.md as it was published.</param>
/// <param name="Beacon">Planned.</param>
/// <param name="RevealDeadline">Number of the last block for reveals.</param>
/// <param name="ChainId">Of the chain on which commits and reveals stand.</param>
/// <param name="Registry">The contract there.</param>
public sealed record DrawDocument(
    Digest Id, bool Rehearsal, DrawRules Rules, ListCommitment List, Digest SpecDigest, BeaconPlan Beacon, long RevealDeadline, long ChainId, Address Registry)
{
    /// <summary>Bytes of the file: a thousand groups in each of a hundred rounds.</summary>
    public const int MaxBytes = 8 * 1024 * 1024;

    private const string File = "draw.json";

    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public static DrawDocument Parse(ReadOnlySpan<byte> bytes)
    {
        var draw = DrawJson.Read(bytes, File, MaxBytes, Read, d => d.ToBytes());
        draw.Rules.Check();
        return draw.List.Candidates is >= 1 and <= DrawRules.MaxCandidates ? draw : throw DrawJson.Bad(File, "has no candidates, or too many");
    }

    /// <summary>The canonical bytes.</summary>
    public byte[] ToBytes() => Jcs.Canonicalize(new JsonObject
    {
        ["spec"] = Domains.Spec,
        ["drawId"] = Id.ToString(),
        ["kind"] = Kind,
        ["rules"] = Rules.ToJson(),
        ["list"] = new JsonObject { ["root"] = List.Root.ToString(), ["candidates"] = List.Candidates, ["tickets"] = List.Tickets },
        ["specDigest"] = SpecDigest.ToString(),
        ["beacon"] = Beacon switch
        {
            BeaconPlan.Drand d => new JsonObject { ["kind"] = "drand", ["chainHash"] = d.ChainHash.ToString(), ["round"] = d.Round },
            BeaconPlan.Block b => new JsonObject
            {
                ["kind"] = "block",
                ["chainId"] = b.ChainId,
                ["deadlineBlock"] = b.DeadlineBlock,
                ["confirmations"] = b.Confirmations,
            },
            _ => throw new InvalidOperationException(),
        },
        ["revealDeadline"] = RevealDeadline,
        ["chainId"] = ChainId,
        ["registry"] = Registry.ToLowerHex(),
    });

    /// <summary>What is written on chain before there is any randomness.</summary>
    public Digest Commitment() => Digest.Of(ToBytes());

    /// <summary><c>draw</c> or <c>rehearsal</c>.</summary>
    public string Kind => Rehearsal ? "rehearsal" : "draw";

    private static DrawDocument Read(JsonElement json)
    {
        var (list, beacon, kind) = (json.GetProperty("list"), json.GetProperty("beacon"), DrawJson.Text(json, "kind"));
        return new DrawDocument(
            DrawJson.Hash(json, "drawId"),
            kind == "rehearsal",
            DrawRules.Read(json.GetProperty("rules")),
            new ListCommitment(DrawJson.Hash(list, "root"), DrawJson.Number(list, "candidates"), DrawJson.Number(list, "tickets")),
            DrawJson.Hash(json, "specDigest"),
            DrawJson.Text(beacon, "kind") == "drand"
                ? new BeaconPlan.Drand(DrawJson.Hash(beacon, "chainHash"), DrawJson.Number(beacon, "round"))
                : new BeaconPlan.Block(DrawJson.Number(beacon, "chainId"), DrawJson.Number(beacon, "deadlineBlock"), DrawJson.Number(beacon, "confirmations")),
            DrawJson.Number(json, "revealDeadline"),
            DrawJson.Number(json, "chainId"),
            Address.Parse(DrawJson.Text(json, "registry")));
    }
}
