namespace Notary.Evidence.Tests.Draws;

/// <summary>Draws made up from a seed, the same ones every time.</summary>
internal static class DrawBed
{
    public static readonly ListSecret Secret = new(Enumerable.Repeat((byte)7, ListSecret.Size).ToArray());

    public static Digest Hash(Random random)
    {
        var bytes = new byte[Digest.Size];
        random.NextBytes(bytes);
        return new Digest(bytes);
    }

    public static Digest Hash(int number) => Digest.Of(BitConverter.GetBytes(number));

    public static DrawRules Rules(params DrawRound[] rounds) => new([], rounds);

    public static DrawRound Round(int quota, int reserves = 0, bool earlierWinners = false, bool weights = false, params string[] groups)
        => new(quota, reserves, groups, earlierWinners, weights);

    public static DrawDocument Draw(DrawRules rules, PublicList list) => Draw(rules, list, new Random(1));

    public static DrawDocument Draw(DrawRules rules, PublicList list, Random random) => new(
        Hash(random), random.Next(4) == 0, rules, list.Commitment(), Hash(random),
        random.Next(2) == 0 ? new BeaconPlan.Drand(Hash(random), random.Next()) : new BeaconPlan.Block(random.Next(), random.Next(), random.Next(100)),
        random.Next(), random.Next(), new Address(Hash(random).ToArray().AsSpan(0, Address.Size)));

    public static DrawReveals Reveals(Digest draw, Random random, BeaconKind kind) => new(
        [.. Enumerable.Range(0, random.Next(5)).Select(_ =>
        {
            var (party, secret) = (new Address(Hash(random).ToArray().AsSpan(0, Address.Size)), Hash(random));
            return new DrawCommit(party, DrawCommit.Of(draw, party, secret), random.Next(3) == 0 ? null : secret);
        })],
        kind, Hash(random));

    public static Task<PublicList> ListAsync(string text, DrawRules rules, ListFormat format = ListFormat.Csv, Encoding? encoding = null)
        => ListAsync(Encoding.UTF8.GetBytes(text), rules, format, encoding);

    public static async Task<PublicList> ListAsync(byte[] bytes, DrawRules rules, ListFormat format = ListFormat.Csv, Encoding? encoding = null)
    {
        using var stream = new MemoryStream(bytes);
        return await ListImport.ReadAsync(stream, format, encoding, rules, Secret, null, CancellationToken.None);
    }

    /// <summary>Candidates named by their numbers.</summary>
    public static Task<PublicList> ListAsync(int count, Func<int, int> weight)
        => ListAsync("id,weight\n" + string.Concat(Enumerable.Range(0, count).Select(i => $"{i},{weight(i)}\n")), Rules(Round(1)));

    public static async Task<(DrawResult Result, byte[] Winners)> DrawAsync(DrawDocument draw, PublicList list, DrawReveals reveals)
    {
        using var winners = new MemoryStream();
        var result = await DrawResult.DrawAsync(draw, list, reveals, winners, null, null, CancellationToken.None);
        return (result, winners.ToArray());
    }

    public static async Task<byte[]> PublicAsync(PublicList list)
    {
        using var output = new MemoryStream();
        await list.WriteAsync(output, CancellationToken.None);
        return output.ToArray();
    }
}
