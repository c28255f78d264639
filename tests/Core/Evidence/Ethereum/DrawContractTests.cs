namespace Notary.Evidence.Tests.Ethereum;

/// <summary>What a node answers about a draw, and anything else it may answer.</summary>
[TestClass]
public sealed class DrawContractTests
{
    private const int Word = 32;

    [TestMethod]
    public void Every_word_is_read_and_none_is_read_twice()
    {
        var (draw, parties) = Answers(new Random(11));
        Assert.IsTrue(DrawContract.TryDecode(draw, parties, out var read));
        var seen = new HashSet<string> { Text(read!) };
        foreach (var bytes in new[] { draw, parties })
        {
            for (var i = 0; i < bytes.Length; i++)
            {
                bytes[i] ^= 1;
                if (DrawContract.TryDecode(draw, parties, out var changed) && changed is not null)
                    seen.Add(Text(changed));

                bytes[i] ^= 1;
            }
        }

        // The draw's digests and publisher, one bit each of state, kind, source and known, eight of each number; of two parties account,
        // commitment and whether revealed, of the first the secret. Not told: the places left, how many revealed, a secret not revealed.
        var told = (4 * Word) + Address.Size + 4 + (3 * 8) + (2 * (Address.Size + Word + 1)) + Word;
        Assert.HasCount(told + 1, seen);
    }

    [TestMethod]
    public void Anything_else_is_no_draw()
    {
        var random = new Random(12);
        var (draw, parties) = Answers(random);
        Assert.IsTrue(DrawContract.TryDecode(new byte[draw.Length], [.. Number(Word), .. Number(0)], out var none));
        Assert.IsNull(none, "there is no such draw");
        for (var i = 0; i < 2000; i++)
        {
            var (d, p) = (Broken(random, draw), Broken(random, parties));
            DrawContract.TryDecode(d, p, out _);
        }

        Assert.IsFalse(DrawContract.TryDecode(draw.AsSpan(..^1), parties, out _));
        Assert.IsFalse(DrawContract.TryDecode([], [], out _));
        Assert.IsFalse(DrawContract.TryDecode(draw, parties.AsSpan(..^Word), out _));
        Assert.IsFalse(DrawContract.TryDecode(draw, [.. parties, .. new byte[Word]], out _));
        Assert.IsFalse(DrawContract.TryDecode(draw, [.. Number(Word), .. Number(65), .. new byte[65 * 4 * Word]], out _), "65 parties");
        Assert.IsFalse(DrawContract.TryDecode(draw, [.. Number(Word), .. Number(long.MaxValue), .. new byte[4 * Word]], out _));
    }

    private static (byte[] Draw, byte[] Parties) Answers(Random random)
    {
        byte[] Some(int count)
        {
            var bytes = new byte[count];
            random.NextBytes(bytes);
            return bytes;
        }

        byte[] draw =
        [
            .. Some(4 * Word), .. new byte[12], .. Some(20),
            .. Number(3), .. Number(1), .. Number(2), .. Number(60), .. Number(1), .. Number(0), .. Number(100), .. Number(200), .. Number(6),
        ];
        byte[] parties =
        [
            .. Number(Word), .. Number(2), .. new byte[12], .. Some(20), .. Number(1), .. Some(2 * Word),
            .. new byte[12], .. Some(20), .. Number(0), .. Some(Word), .. new byte[Word],
        ];
        return (draw, parties);
    }

    private static byte[] Number(long value)
    {
        var word = new byte[Word];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(word.AsSpan(Word - 8), value);
        return word;
    }

    private static byte[] Broken(Random random, byte[] bytes)
    {
        var broken = bytes[..random.Next(bytes.Length + 1)];
        for (var flips = random.Next(4); flips > 0 && broken.Length > 0; flips--)
            broken[random.Next(broken.Length)] ^= (byte)(1 << random.Next(8));

        return broken;
    }

    private static string Text(RegisteredDraw draw) => draw with { Parties = [] } + string.Join(' ', draw.Parties);
}
