namespace Notary.Evidence.Tests.Ethereum;

/// <summary>Against other people's implementations (noble-hashes, noble-curves, @ethereumjs/mpt) on thousands of inputs that nobody chose,
/// and on those at every edge.</summary>
[TestClass]
public sealed class PeerTests
{
    private static readonly BigInteger P = BigInteger.Pow(2, 256) - BigInteger.Pow(2, 32) - 977;

    [TestMethod]
    public async Task Keccak_agrees_at_every_length_around_the_blocks()
    {
        var random = new Random(256);
        string[] messages = [.. Enumerable.Range(0, 700).Concat([1087, 1088, 1089, 4095, 4096, 65_536, 100_000]).Select(length => Random(random, length))];
        var answers = await NodePeer.AskAsync("ethereum.mjs", "keccak", messages);
        for (var i = 0; i < messages.Length; i++)
            Assert.AreEqual(answers[i], Convert.ToHexStringLower(Keccak256.Hash(Convert.FromHexString(messages[i]))), $"{messages[i].Length / 2} bytes");
    }

    [TestMethod]
    public async Task Recovery_agrees_at_every_edge_and_anywhere()
    {
        var random = new Random(1);
        var n = Secp256k1.Order;
        BigInteger[] edges = [0, 1, 2, 3, n / 2, (n / 2) + 1, n - 2, n - 1, n, n + 1, P - 1, P,
            P + 1, BigInteger.Pow(2, 256) - 1, BigInteger.Pow(2, 255), BigInteger.Pow(2, 128)];
        BigInteger[] hashes = [0, n, BigInteger.Pow(2, 256) - 1, Any(random)];
        var questions = (from h in hashes
                         from r in edges
                         from s in edges
                         from parity in new[] { 0, 1 }
                         select $"{Word(h)} {Word(r)}{Word(s)} {parity}").ToList();
        questions.AddRange(Enumerable.Range(0, 1000).Select(i => $"{Word(Any(random))} {Word(Any(random))}{Word(Any(random))} {i % 2}"));

        var answers = await NodePeer.AskAsync("ethereum.mjs", "recover", questions);
        for (var i = 0; i < answers.Length; i++)
        {
            var q = questions[i].Split(' ');
            var key = Secp256k1.Recover(Convert.FromHexString(q[0]), Convert.FromHexString(q[1]), q[2] == "1");
            Assert.AreEqual(answers[i], key is null ? "!" : Convert.ToHexStringLower(key), questions[i]);
        }

        Assert.IsGreaterThan(500, answers.Count(a => a == "!"));
        Assert.IsGreaterThan(500, answers.Count(a => a != "!"));
    }

    [TestMethod]
    public async Task Tries_that_others_built_are_proved()
    {
        var random = new Random(3);
        var tries = Enumerable.Range(0, 200).Select(i => Pairs(random, i)).ToList();
        var answers = await NodePeer.AskAsync("ethereum.mjs", "trie",
            [.. tries.Select(t => JsonSerializer.Serialize(t.Select(p => new[] { p.Key, p.Value })))]);
        for (var i = 0; i < answers.Length; i++)
        {
            var answer = JsonSerializer.Deserialize<JsonElement>(answers[i]);
            var entries = new Dictionary<string, string>();
            foreach (var (key, value) in tries[i])
                entries[key] = value;

            var root = Convert.FromHexString(answer.Text("root"));
            foreach (var (key, value) in entries)
            {
                var proof = answer.GetProperty("proofs").GetProperty(key).EnumerateArray().Select(p => Convert.FromHexString(p.GetString()!)).ToArray();
                Assert.AreEqual(value, Convert.ToHexStringLower(TrieProof.Verify(root, Convert.FromHexString(key), proof)!), $"trie {i} key {key}");
                Assert.IsNull(TrieProof.Verify(root, Convert.FromHexString(key + "ff"), proof));
            }
        }
    }

    /// <summary>Keys that share beginnings, that are each other's beginnings, and that do not; values on both sides of 32 bytes; some written twice.</summary>
    private static List<(string Key, string Value)> Pairs(Random random, int i)
    {
        var pairs = new List<(string, string)>();
        var keys = new List<string>();
        for (var count = 1 + (i % 60); count > 0; count--)
        {
            var stem = keys.Count > 0 && random.Next(3) > 0 ? keys[random.Next(keys.Count)] : "";
            var key = stem[..(2 * random.Next((stem.Length / 2) + 1))] + Random(random, random.Next(1, 5));
            keys.Add(key);
            pairs.Add((key, Random(random, random.Next(4) == 0 ? random.Next(30, 70) : random.Next(1, 6))));
            if (random.Next(8) == 0)
                pairs.Add((keys[random.Next(keys.Count)], Random(random, 33)));
        }

        return pairs;
    }

    private static string Random(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    private static BigInteger Any(Random random) => BigInteger.Parse("0" + Random(random, 32), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static string Word(BigInteger value) => Convert.ToHexStringLower(value.ToByteArray(isUnsigned: true, isBigEndian: true)).PadLeft(64, '0');
}
