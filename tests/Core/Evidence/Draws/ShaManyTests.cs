namespace Notary.Evidence.Tests.Draws;

/// <summary>The kernel's bits are the library's, at every width and length, behind blocks already hashed.</summary>
[TestClass]
public sealed class ShaManyTests
{
    private const int Stride = 256;

    [TestMethod]
    [DataRow(1)]
    [DataRow(8)]
    [DataRow(16)]
    public void EveryLengthIsTheLibrarys(int lanes)
    {
        if (lanes > ShaMany.Widest)
            Assert.Inconclusive($"no {lanes} lanes here");

        var random = new Random(1);
        var before = new byte[ShaMany.Block];
        random.NextBytes(before);
        for (var count = 1; count <= 40; count++)
        {
            var lengths = Enumerable.Range(0, count).Select(_ => random.Next(Stride - ShaMany.Padding + 1)).ToArray();
            var slots = new byte[count * Stride];
            random.NextBytes(slots);
            var wanted = lengths.Select((length, i) => Digest.Of([.. before, .. slots.AsSpan(i * Stride, length)])).ToArray();
            var hashes = new Digest[count];
            ShaMany.Hash(slots, Stride, lengths, ShaMany.After(ShaMany.Start, before), before.Length, hashes, lanes);
            CollectionAssert.AreEqual(wanted, hashes);
        }
    }

    [TestMethod]
    public void APaddingThatOpensAnotherBlockIsTheLibrarys()
    {
        for (var length = 0; length <= Stride - ShaMany.Padding; length++)
        {
            var slot = new byte[Stride];
            slot.AsSpan(0, length).Fill(0xa5);
            var wanted = Digest.Of(slot.AsSpan(0, length));
            var hash = new Digest[1];
            ShaMany.Hash(slot, Stride, [length], ShaMany.Start, 0, hash, ShaMany.Widest);
            Assert.AreEqual(wanted, hash[0], $"{length} bytes");
        }
    }

    [TestMethod]
    public void TicketsOfEveryWidthAreThePlainOnes()
    {
        var rules = DrawBed.Rules(DrawBed.Round(20, 20, weights: true), DrawBed.Round(1000, earlierWinners: true));
        var list = DrawBed.ListAsync(777, i => 1 + (i * i % 100)).GetAwaiter().GetResult();
        var wide = Drawing.Run(rules, list, DrawBed.Hash(1), ShaMany.Widest, null, CancellationToken.None).ToList();
        foreach (var lanes in new[] { 1, 8 }.Where(l => l <= ShaMany.Widest))
        {
            var narrow = Drawing.Run(rules, list, DrawBed.Hash(1), lanes, null, CancellationToken.None).ToList();
            for (var i = 0; i < wide.Count; i++)
                CollectionAssert.AreEqual(wide[i].Winners.Concat(wide[i].Reserves).ToList(), narrow[i].Winners.Concat(narrow[i].Reserves).ToList());
        }

        // Of the definition, by the library.
        var key = Digest.Of([.. "notary-draw/1 round\0"u8, .. DrawBed.Hash(1).ToArray(), 0, 0, 0, 1]);
        foreach (var winner in wide[0].Winners)
        {
            var candidate = list[winner.Position - 1];
            var numbers = Enumerable.Range(1, candidate.Weight).Select(t => Convert.ToHexStringLower(Digest.Of(
                [.. "notary-draw/1 ticket"u8, .. new byte[12], .. key.ToArray(), .. candidate.Handle.ToArray(), (byte)t]).ToArray()[..16])).ToList();
            Assert.AreEqual(numbers.Min(StringComparer.Ordinal), winner.Number.ToString("x32", CultureInfo.InvariantCulture));
            Assert.AreEqual(numbers.IndexOf(numbers.Min(StringComparer.Ordinal)!) + 1, winner.Ticket);
        }
    }
}
