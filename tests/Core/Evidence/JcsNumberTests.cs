using System.Buffers.Binary;

namespace Notary.Evidence.Tests;

/// <summary>Numbers and whole documents against other implementations' answers, by the hundred thousand.</summary>
[TestClass]
public sealed class JcsNumberTests
{
    private const int Seed = 8785;
    private const string Plain = "abcAB019_-é/<&>'\u007f\u2028";

    /// <summary>The sequence of the reference implementation, of which only the digests are published: its file has 4 GB.</summary>
    [TestMethod]
    public void The_published_million_of_numbers_has_the_published_digests()
    {
        var file = File.ReadAllLines(TestFiles.Vector("rfc8785/es6-numbers.txt"));
        var published = file.Where(l => l.StartsWith("sha256 ", StringComparison.Ordinal))
            .Select(l => l.Split(' ')).ToDictionary(l => int.Parse(l[1], CultureInfo.InvariantCulture), l => l[2]);
        var first = file.Where(l => l[0] != '#' && l[0] != 's').SelectMany(l => l.Split(' '))
            .Select(h => ulong.Parse(h, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (count, seen) = (0, 0);
        foreach (var bits in first.Concat(Enumerable.Range(0, 2000).Select(i => 0x0010_0000_0000_0000UL + (ulong)i)).Concat(Chained()))
        {
            hash.AppendData(Encoding.ASCII.GetBytes($"{bits:x},{JcsWriter.EcmaScript(BitConverter.UInt64BitsToDouble(bits))}\n"));
            if (published.TryGetValue(++count, out var expected))
            {
                Assert.AreEqual(expected, Convert.ToHexStringLower(hash.GetCurrentHash()), $"the first {count}");
                if (++seen == published.Count)
                    return;
            }
        }
    }

    [TestMethod]
    public async Task Node_writes_every_double_the_same()
    {
        var random = new Random(Seed);
        var bits = Doubles(random).ToList();
        Assert.IsGreaterThanOrEqualTo(150_000, bits.Count);
        var answers = await NodePeer.AskAsync("jcs.mjs", "numbers", [.. bits.Select(b => b.ToString("x16", CultureInfo.InvariantCulture))]);
        for (var i = 0; i < answers.Length; i++)
            Assert.AreEqual(answers[i], JcsWriter.EcmaScript(BitConverter.UInt64BitsToDouble(bits[i])), $"{bits[i]:x16}");
    }

    [TestMethod]
    public async Task Another_implementation_canonicalizes_documents_the_same_and_refuses_the_same()
    {
        var random = new Random(Seed);
        string[] documents = [.. Enumerable.Range(0, 20_000).Select(_ => Document(random, 4))];
        var answers = await NodePeer.AskAsync("jcs.mjs", "documents", documents);
        for (var i = 0; i < answers.Length; i++)
        {
            Assert.AreEqual(answers[i], Canonical(documents[i], Jcs.Canonicalize), documents[i]);
            Assert.AreEqual(answers[i], Canonical(documents[i], e => Jcs.Canonicalize(JsonNode.Parse(e.GetRawText()))), documents[i]);
        }

        Assert.IsGreaterThan(500, answers.Count(a => a == "!"), "documents that nobody accepts");
        Assert.IsGreaterThan(15_000, answers.Count(a => a != "!"), "documents that everybody accepts");
    }

    private static string Canonical(string document, Func<JsonElement, byte[]> canonicalize)
    {
        try
        {
            using var parsed = JsonDocument.Parse(document);
            return Encoding.UTF8.GetString(canonicalize(parsed.RootElement));
        }
        catch (FaultException fault) when (fault.Fault == Fault.Malformed)
        {
            return "!";
        }
    }

    private static IEnumerable<ulong> Chained()
    {
        for (var block = SHA256.HashData(new byte[32]); ; block = SHA256.HashData(block))
        {
            for (var i = 0; i < block.Length; i += 8)
            {
                var bits = BinaryPrimitives.ReadUInt64LittleEndian(block.AsSpan(i));
                if (BitConverter.UInt64BitsToDouble(bits) is var value && double.IsFinite(value) && value != 0)
                    yield return bits;
            }
        }
    }

    /// <summary>Every exponent with mantissas at both ends and in between, powers of ten and their neighbours, integers around 2⁵³,
    /// short decimals, and anything.</summary>
    private static IEnumerable<ulong> Doubles(Random random)
    {
        const ulong Mantissa = (1UL << 52) - 1;
        for (var exponent = 0UL; exponent < 2047; exponent++)
        {
            ulong[] mantissas = [0, 1, 2, Mantissa, Mantissa - 1,
                .. Enumerable.Range(0, 25).Select(_ => (ulong)random.NextInt64() & Mantissa), 1UL << random.Next(52)];
            foreach (var mantissa in mantissas)
                yield return ((ulong)random.Next(2) << 63) | (exponent << 52) | mantissa;
        }

        for (var power = -330; power <= 308; power++)
        {
            var bits = BitConverter.DoubleToUInt64Bits(double.Parse($"1e{power}", CultureInfo.InvariantCulture));
            for (var off = bits < 4 ? 0UL : ulong.MaxValue - 3; off != 4; off++)
                yield return bits + off;
        }

        for (var i = -1_000; i < 1_000; i++)
        {
            yield return BitConverter.DoubleToUInt64Bits((1L << 53) + i);
            yield return BitConverter.DoubleToUInt64Bits(i);
        }

        for (var i = 0; i < 80_000; i++)
        {
            yield return BitConverter.DoubleToUInt64Bits(Math.Round(random.NextDouble() * Math.Pow(10, random.Next(-8, 23)), random.Next(15)));
            if ((ulong)random.NextInt64(long.MinValue, long.MaxValue) is var any && double.IsFinite(BitConverter.UInt64BitsToDouble(any)))
                yield return any;
        }
    }

    private static string Document(Random random, int depth) => random.Next(depth == 0 ? 5 : 9) switch
    {
        0 => random.Next(3) switch { 0 => "true", 1 => "false", _ => "null" },
        1 => Number(random),
        2 or 3 or 4 => Text(random),
        5 or 6 => $"[{string.Join(" , ", Enumerable.Range(0, random.Next(6)).Select(_ => Document(random, depth - 1)))}]",
        _ => Object(random, depth),
    };

    private static string Object(Random random, int depth)
    {
        // Names are read before they are compared: one name in two spellings would be a duplicate, which the peer cannot see.
        var names = Enumerable.Range(0, random.Next(7)).Select(_ => Text(random))
            .DistinctBy(n => Encoding.Unicode.GetString(Encoding.Unicode.GetBytes(Unescaped(n)))).ToList();
        return $"{{ {string.Join(",\t", names.Select(n => $"{n} : {Document(random, depth - 1)}"))} }}";
    }

    private static string Unescaped(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<string>(text)!;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return "lone";
        }
    }

    private static string Number(Random random) => random.Next(8) switch
    {
        0 => "-0",
        1 => "1e400",
        2 => $"{random.Next(100)}.{random.Next(1000)}0e{random.Next(-320, 300)}",
        3 => $"-{random.NextInt64()}",
        4 => $"{random.NextInt64()}{random.NextInt64()}",
        5 => $"0.{new string('0', random.Next(10))}{random.Next()}E+{random.Next(30)}",
        _ => random.Next(-1000, 1000).ToString(CultureInfo.InvariantCulture),
    };

    private static string Text(Random random)
    {
        var text = new StringBuilder("\"");
        for (var length = random.Next(8); length > 0; length--)
        {
            text.Append(random.Next(12) switch
            {
                0 => $"\\u{random.Next(0x20):x4}",
                1 => "\\" + "\"\\/bfnrt"[random.Next(8)],
                2 => char.ConvertFromUtf32(random.Next(0x10000, 0x110000)),
                3 => $"\\ud83d\\ude{random.Next(64):x2}",
                4 => ((char)random.Next(0xa0, 0xd800)).ToString(),
                5 => ((char)random.Next(0xe000, 0xfffe)).ToString(),
                6 => $"\\u{random.Next(0xd800):X4}",
                7 when random.Next(20) == 0 => $"\\u{random.Next(0xd800, 0xe000):x4}",
                _ => Plain[random.Next(Plain.Length)].ToString(),
            });
        }

        return text.Append('"').ToString();
    }
}
