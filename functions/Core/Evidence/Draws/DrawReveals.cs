using System.Text.Json.Nodes;
using Notary.Evidence.Ethereum;

namespace Notary.Evidence.Draws;

/// <summary>A party's commit as it stands on chain.</summary>
/// <param name="Party">Who.</param>
/// <param name="Commitment">To what.</param>
/// <param name="Secret">As it was revealed in time; null when it was not.</param>
public sealed record DrawCommit(Address Party, Digest Commitment, Digest? Secret)
{
    /// <summary>What a party commits to.</summary>
    public static Digest Of(Digest draw, Address party, Digest secret)
        => Digest.Of([.. Domains.Of("secret"), .. draw.ToArray(), .. party.ToArray(), .. secret.ToArray()]);
}

/// <summary><c>reveals.json</c> (docs/draw-format.md §4): where the seed comes from.</summary>
/// <param name="Commits">In their order on chain.</param>
/// <param name="Kind">Of the beacon.</param>
/// <param name="Beacon">Its value.</param>
public sealed record DrawReveals(IReadOnlyList<DrawCommit> Commits, BeaconKind Kind, Digest Beacon)
{
    /// <summary>Parties of a draw: the contract's bound.</summary>
    public const int MaxParties = 64;

    private const int MaxBytes = 64 * 1024;
    private const string File = "reveals.json";

    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public static DrawReveals Parse(ReadOnlySpan<byte> bytes)
    {
        var reveals = DrawJson.Read(bytes, File, MaxBytes, Read, r => r.ToBytes());
        return reveals.Commits.Count <= MaxParties ? reveals : throw DrawJson.Bad(File, $"has more than {MaxParties} commits");
    }

    /// <summary>The canonical bytes.</summary>
    public byte[] ToBytes() => Jcs.Canonicalize(new JsonObject
    {
        ["commits"] = DrawJson.Array(Commits.Select(c => (JsonNode?)new JsonObject
        {
            ["party"] = c.Party.ToLowerHex(),
            ["commitment"] = c.Commitment.ToString(),
            ["secret"] = c.Secret?.ToString(),
        })),
        ["beacon"] = BeaconJson(),
    });

    /// <summary>What was revealed, each with the index of its commit.</summary>
    public IEnumerable<(int Index, Digest Secret)> Revealed
        => Commits.Select((c, i) => (i, c.Secret)).Where(c => c.Secret is not null).Select(c => (c.i, c.Secret!.Value));

    /// <summary>The seed (§4).</summary>
    /// <param name="commitment">Of the draw.</param>
    public Digest Seed(Digest commitment)
    {
        var revealed = Revealed.ToList();
        return Digest.Of([.. Domains.Of("seed"), .. commitment.ToArray(), .. U32(revealed.Count),
            .. revealed.SelectMany(r => U32(r.Index).Concat(r.Secret.ToArray())), (byte)Kind, .. Beacon.ToArray()]);
    }

    internal JsonObject BeaconJson() => new() { ["kind"] = Kind == BeaconKind.Drand ? "drand" : "block", ["value"] = Beacon.ToString() };

    internal static byte[] U32(int value)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private static DrawReveals Read(JsonElement json) => new(
        [.. json.GetProperty("commits").EnumerateArray().Select(c => new DrawCommit(
            Address.Parse(DrawJson.Text(c, "party")),
            DrawJson.Hash(c, "commitment"),
            c.GetProperty("secret").ValueKind == JsonValueKind.Null ? null : DrawJson.Hash(c, "secret")))],
        DrawJson.Text(json.GetProperty("beacon"), "kind") == "drand" ? BeaconKind.Drand : BeaconKind.Block,
        DrawJson.Hash(json.GetProperty("beacon"), "value"));
}
