using System.Text.Json.Nodes;

namespace Notary.Evidence.Draws;

/// <summary>How a round ended for one candidate.</summary>
public enum Fate
{
    /// <summary>His group does not take part in it.</summary>
    OtherGroup,

    /// <summary>He had won before, and the round is without earlier winners.</summary>
    WonBefore,

    Won,
    Reserve,
    Lost,
}

/// <summary>A candidate's way through one round.</summary>
/// <param name="Round">From 1.</param>
/// <param name="Fate">How it ended.</param>
/// <param name="Number">The smallest of his numbers; null when he did not take part.</param>
/// <param name="Result">The round's result, with its last numbers.</param>
public sealed record RoundFate(int Round, Fate Fate, UInt128? Number, RoundResult Result);

/// <summary><c>ticket.json</c>: one candidate's own proof (docs/draw-format.md §8). About a person, with his salt: his alone.</summary>
/// <param name="DrawId">The draw's.</param>
/// <param name="Id">Normalised.</param>
/// <param name="Name">Normalised.</param>
/// <param name="Group">Normalised.</param>
/// <param name="Weight">1 to 100.</param>
/// <param name="Salt">His own.</param>
/// <param name="Position">In the public list, from 1.</param>
/// <param name="Path">From his leaf's sibling to the list root.</param>
public sealed record CandidateTicket(Digest DrawId, string Id, string Name, string Group, int Weight, Digest Salt, int Position, IReadOnlyList<Digest> Path)
{
    private const int MaxBytes = 16 * 1024;
    private const string File = "ticket.json";

    /// <summary>The proof of a candidate of a list, or null when nobody of that id and name is in it.</summary>
    /// <param name="draw">The draw.</param>
    /// <param name="list">Its list.</param>
    /// <param name="secret">The list's.</param>
    /// <param name="id">As in the list, normalised or not.</param>
    /// <param name="name">As in the list.</param>
    public static CandidateTicket? Of(DrawDocument draw, PublicList list, ListSecret secret, string id, string name) => Of(draw.Id, list, secret, id, name);

    /// <inheritdoc cref="Of(DrawDocument, PublicList, ListSecret, string, string)"/>
    /// <remarks>Of a draw that is not fixed yet.</remarks>
    public static CandidateTicket? Of(Digest drawId, PublicList list, ListSecret secret, string id, string name)
    {
        if (CandidateText.Normal(CandidateField.Id, id) is not { } normalId || CandidateText.Normal(CandidateField.Name, name) is not { } normalName)
            return null;

        var salt = secret.Salt(normalId);
        var index = list.IndexOf(ListSecret.Handle(salt, normalId, normalName));
        return index < 0 ? null : new CandidateTicket(drawId, normalId, normalName, list[index].Group, list[index].Weight, salt, index + 1, list.Path(index));
    }

    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public static CandidateTicket Parse(ReadOnlySpan<byte> bytes)
    {
        var t = DrawJson.Read(bytes, File, MaxBytes, Read, t => t.ToBytes());
        return CandidateText.Normal(CandidateField.Id, t.Id) == t.Id && CandidateText.Normal(CandidateField.Name, t.Name) == t.Name
            && CandidateText.Normal(CandidateField.Group, t.Group) == t.Group && t.Weight is >= 1 and <= DrawRules.MaxWeight && t.Path.Count <= Merkle.MaxProof
            ? t : throw DrawJson.Bad(File, "has a value that no list can have");
    }

    /// <summary>The canonical bytes.</summary>
    public byte[] ToBytes() => Jcs.Canonicalize(new JsonObject
    {
        ["spec"] = Domains.Spec,
        ["drawId"] = DrawId.ToString(),
        ["id"] = Id,
        ["name"] = Name,
        ["group"] = Group,
        ["weight"] = Weight,
        ["salt"] = Salt.ToString(),
        ["position"] = Position,
        ["path"] = DrawJson.Array(Path.Select(p => p.ToString())),
    });

    /// <summary>The candidate's name in public.</summary>
    public Digest Handle => ListSecret.Handle(Salt, Id, Name);

    /// <summary>Whether he is in the list that the draw was committed with.</summary>
    public bool IsIn(DrawDocument draw)
    {
        Span<byte> leaf = stackalloc byte[Digest.Size + 3 + CandidateText.MaxGroup + CandidateText.MaxMasked];
        Span<byte> masked = stackalloc byte[sizeof(ulong)];
        var length = PublicList.LeafData(
            Handle, Weight, Encoding.UTF8.GetBytes(Group), PublicList.Unpack(CandidateText.Mask(Encoding.UTF8.GetBytes(Name)), masked), leaf);
        return DrawId == draw.Id && Merkle.VerifyInclusion(Merkle.LeafHash(leaf[..length]), Position - 1, draw.List.Candidates, Path, draw.List.Root);
    }

    /// <summary>His way through the rounds.</summary>
    /// <param name="draw">In whose list he is.</param>
    /// <param name="result">Of this draw.</param>
    public IReadOnlyList<RoundFate> Fates(DrawDocument draw, DrawResult result)
    {
        if (result.Rounds.Count != draw.Rules.Rounds.Count)
            throw DrawJson.Bad("result.json", "has not as many rounds as the rules");

        var (fates, won) = (new List<RoundFate>(), false);
        for (var i = 0; i < result.Rounds.Count; i++)
        {
            var (rule, given) = (draw.Rules.Rounds[i], result.Rounds[i]);
            if (rule.Groups.Count > 0 && !rule.Groups.Contains(Group))
            {
                fates.Add(new RoundFate(i + 1, Fate.OtherGroup, null, given));
            }
            else if (won && !rule.EarlierWinners)
            {
                fates.Add(new RoundFate(i + 1, Fate.WonBefore, null, given));
            }
            else
            {
                var number = new RoundKey(result.Seed, i + 1).Smallest(Handle, rule.Weights ? Weight : 1, 0).Number;
                var fate = number <= given.LastWinner ? Fate.Won : number <= given.LastReserve ? Fate.Reserve : Fate.Lost;
                won |= fate == Fate.Won;
                fates.Add(new RoundFate(i + 1, fate, number, given));
            }
        }

        return fates;
    }

    private static CandidateTicket Read(JsonElement json) => new(
        DrawJson.Hash(json, "drawId"),
        DrawJson.Text(json, "id"),
        DrawJson.Text(json, "name"),
        DrawJson.Text(json, "group"),
        (int)DrawJson.Number(json, "weight", DrawRules.MaxWeight),
        DrawJson.Hash(json, "salt"),
        (int)DrawJson.Number(json, "position", DrawRules.MaxCandidates),
        [.. DrawJson.Texts(json, "path").Select(Digest.Parse)]);
}
