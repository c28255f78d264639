using System.Text.Json.Nodes;

namespace Notary.Evidence.Draws;

/// <summary>One round in <c>result.json</c>.</summary>
/// <param name="Eligible">Candidates that took part.</param>
/// <param name="Tickets">Their tickets.</param>
/// <param name="Winners">How many.</param>
/// <param name="Reserves">How many.</param>
/// <param name="LastWinner">The greatest number that won; null when nobody did.</param>
/// <param name="LastReserve">The greatest number in reserve; null without a reserve.</param>
public sealed record RoundResult(long Eligible, long Tickets, long Winners, long Reserves, UInt128? LastWinner, UInt128? LastReserve);

/// <summary><c>result.json</c> (docs/draw-format.md §7).</summary>
/// <param name="DrawId">The draw's.</param>
/// <param name="Kind"><c>draw</c> or <c>rehearsal</c>.</param>
/// <param name="Commitment">Of draw.json.</param>
/// <param name="Seed">What the commitment, the reveals and the beacon give.</param>
/// <param name="Reveals">With the indexes of their commits.</param>
/// <param name="Beacon">Which, and its value.</param>
/// <param name="Rounds">In order.</param>
/// <param name="WinnerRows">Rows of winners.csv without its heading.</param>
/// <param name="WinnersDigest">SHA-256 of winners.csv.</param>
public sealed record DrawResult(
    Digest DrawId, string Kind, Digest Commitment, Digest Seed, IReadOnlyList<(int Index, Digest Secret)> Reveals, (BeaconKind Kind, Digest Value) Beacon,
    IReadOnlyList<RoundResult> Rounds, long WinnerRows, Digest WinnersDigest)
{
    private const int MaxBytes = 1024 * 1024;
    private const string WinnersHeader = "round,place,rank,position,handle,ticket,number,group,weight,name";

    /// <summary>Draws, and writes <c>winners.csv</c> while it draws.</summary>
    /// <param name="draw">What was committed to.</param>
    /// <param name="list">Whose commitment it holds.</param>
    /// <param name="reveals">Of this draw.</param>
    /// <param name="winners">Takes the file.</param>
    /// <param name="drawn">Told of each round as soon as it is drawn.</param>
    /// <param name="candidates">Told how many candidates were looked at.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="FaultException"><see cref="Fault.EvidenceInvalid"/>: the list is not the one of the draw.</exception>
    public static async Task<DrawResult> DrawAsync(
        DrawDocument draw, PublicList list, DrawReveals reveals, Stream winners,
        Action<DrawnRound>? drawn, IProgress<long>? candidates, CancellationToken cancel)
    {
        if (list.Commitment() != draw.List)
            throw new FaultException(Fault.EvidenceInvalid, "the list is not the one that the draw was committed with");

        var commitment = draw.Commitment();
        var seed = reveals.Seed(commitment);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (table, rounds, rows) = (new CsvRows(winners, hash), new List<RoundResult>(), 0L);
        table.Text(WinnersHeader);
        table.End();
        foreach (var round in Drawing.Run(draw.Rules, list, seed, candidates, cancel))
        {
            await WriteAsync(table, list, round.Round, "winner", round.Winners, cancel);
            await WriteAsync(table, list, round.Round, "reserve", round.Reserves, cancel);
            rows += round.Winners.Count + round.Reserves.Count;
            rounds.Add(new RoundResult(round.Eligible, round.Tickets, round.Winners.Count, round.Reserves.Count, Last(round.Winners), Last(round.Reserves)));
            drawn?.Invoke(round);
        }

        await table.FlushAsync(cancel);
        return new DrawResult(draw.Id, draw.Kind, commitment, seed, [.. reveals.Revealed], (reveals.Kind, reveals.Beacon), rounds, rows,
            new Digest(hash.GetHashAndReset()));
    }

    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public static DrawResult Parse(ReadOnlySpan<byte> bytes) => DrawJson.Read(bytes, "result.json", MaxBytes, Read, r => r.ToBytes());

    /// <summary>The canonical bytes.</summary>
    public byte[] ToBytes() => Jcs.Canonicalize(new JsonObject
    {
        ["spec"] = Domains.Spec,
        ["drawId"] = DrawId.ToString(),
        ["kind"] = Kind,
        ["commitment"] = Commitment.ToString(),
        ["seed"] = Seed.ToString(),
        ["reveals"] = DrawJson.Array(Reveals.Select(r => (JsonNode?)new JsonObject { ["index"] = r.Index, ["secret"] = r.Secret.ToString() })),
        ["beacon"] = new DrawReveals([], Beacon.Kind, Beacon.Value).BeaconJson(),
        ["rounds"] = DrawJson.Array(Rounds.Select(r => (JsonNode?)new JsonObject
        {
            ["eligible"] = r.Eligible,
            ["tickets"] = r.Tickets,
            ["winners"] = r.Winners,
            ["reserves"] = r.Reserves,
            ["lastWinner"] = Hex(r.LastWinner),
            ["lastReserve"] = Hex(r.LastReserve),
        })),
        ["winners"] = new JsonObject { ["rows"] = WinnerRows, ["sha256"] = WinnersDigest.ToString() },
    });

    /// <summary>What is written on chain, once for a draw.</summary>
    public Digest ToDigest() => Digest.Of(ToBytes());

    private static async Task WriteAsync(
        CsvRows table, PublicList list, int round, string place, IReadOnlyList<Placed> all, CancellationToken cancel)
    {
        foreach (var one in all)
        {
            var index = one.Position - 1;
            table.Number(round);
            table.Text(place);
            table.Number(one.Rank);
            table.Number(one.Position);
            table.Hex(list.Handles[index]);
            table.Number(one.Ticket);
            table.Hex(one.Number);
            table.Bytes(list.GroupBytes(index));
            table.Number(list.Weights[index]);
            table.Masked(list.Masked[index]);
            if (table.End())
                await table.FlushAsync(cancel);
        }
    }

    private static UInt128? Last(IReadOnlyList<Placed> all) => all.Count == 0 ? null : all[^1].Number;

    internal static string? Hex(UInt128? number) => number?.ToString("x32", CultureInfo.InvariantCulture);

    private static DrawResult Read(JsonElement json)
    {
        var (beacon, winners) = (json.GetProperty("beacon"), json.GetProperty("winners"));
        return new DrawResult(
            DrawJson.Hash(json, "drawId"),
            DrawJson.Text(json, "kind"),
            DrawJson.Hash(json, "commitment"),
            DrawJson.Hash(json, "seed"),
            [.. json.GetProperty("reveals").EnumerateArray().Select(r =>
                ((int)DrawJson.Number(r, "index", DrawReveals.MaxParties), DrawJson.Hash(r, "secret")))],
            (DrawJson.Text(beacon, "kind") == "drand" ? BeaconKind.Drand : BeaconKind.Block, DrawJson.Hash(beacon, "value")),
            [.. json.GetProperty("rounds").EnumerateArray().Select(r => new RoundResult(
                DrawJson.Number(r, "eligible"), DrawJson.Number(r, "tickets"), DrawJson.Number(r, "winners"), DrawJson.Number(r, "reserves"),
                Number(r, "lastWinner"), Number(r, "lastReserve")))],
            DrawJson.Number(winners, "rows"),
            DrawJson.Hash(winners, "sha256"));
    }

    private static UInt128? Number(JsonElement json, string member)
        => json.GetProperty(member).GetString() is { } hex ? UInt128.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) : null;
}
