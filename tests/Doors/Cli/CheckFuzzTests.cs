namespace Notary.Cli.Tests;

/// <summary>The oracles against lines that nobody wrote: one verdict a line, always.</summary>
[TestClass]
public sealed class CheckFuzzTests
{
    /// <summary>Mutated lines for each kind of question; fewer of those that carry a whole letter.</summary>
    private const int Each = 800;
    private const int EachLarge = 100;
    private const int Large = 50_000;

    private static readonly string[] Strange =
    [
        "", "\0", "\ud800", "￿", "0", "-0", "1e999", "9223372036854775807", "9223372036854775808", "AA==", "AA=",
        "=", "A", new string('A', 5000), new string('é', 3000), "‮", "null", "true", "{}", "[]", "\r\n", "ntk_",
    ];

    [TestMethod]
    public async Task Thousands_of_mutated_lines_get_one_verdict_each()
    {
        var total = 0;
        var random = new Random(4711);
        await using var questions = await Questions.CreateAsync();
        foreach (var (subject, good, _, _, _) in questions.All())
        {
            using var input = new MemoryStream();
            var count = good.ToJsonString().Length > Large ? EachLarge : Each;
            for (var i = 0; i < count; i++)
            {
                input.Write(i % 3 == 0 ? Bytes(good, random) : Structure(good, random));
                input.WriteByte((byte)'\n');
            }

            var run = await Run.WithInputAsync(input.ToArray(), "check", subject, "--jsonl");
            Assert.AreEqual(0, run.Exit, run.Error);
            Assert.AreEqual("", run.Error);
            var lines = run.Output.TrimEnd('\n').Split('\n');
            Assert.HasCount(count, lines, subject);
            for (var i = 0; i < count; i++)
            {
                using var answer = JsonDocument.Parse(lines[i]);
                Assert.AreEqual(i + 1, answer.RootElement.GetProperty("line").GetInt32());
                Assert.IsTrue(answer.RootElement.GetProperty("verdict").GetString() is "pass" or "fail");
                Assert.IsGreaterThan(0, answer.RootElement.GetProperty("code").GetString()!.Length);
                Assert.IsGreaterThan(0, answer.RootElement.GetProperty("reason").GetString()!.Length);
            }

            total += count;
        }

        Assert.IsGreaterThanOrEqualTo(5000, total);
    }

    [TestMethod]
    public async Task Hostile_sizes_are_bounded()
    {
        // A line of 100 MB, read as a stream that is not in memory; deep nesting; base64 of many megabytes; lists without end.
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 100_000));
        var big = $"{{\"manifest\":\"{new string('A', 20 * 1024 * 1024)}\"}}";
        var list = $"{{\"size1\":1,\"root1\":\"AA==\",\"size2\":2,\"root2\":\"AA==\",\"proof\":[{string.Join(',', Enumerable.Repeat("\"AA==\"", 500_000))}]}}";
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var input = new LongLine(100 * 1024 * 1024, Encoding.UTF8.GetBytes($"\n{deep}\n{big}\n{{\"manifest\":\"e30=\"}}\n"));
        var output = new StringWriter();
        Assert.AreEqual(0,
            await NotaryCommand.RunAsync(["check", "manifest", "--jsonl"], new Terminal(input, output, new StringWriter()), CancellationToken.None));
        CollectionAssert.AreEqual(new[] { "malformed-line", "malformed-line", "malformed", "malformed" },
            output.ToString().TrimEnd().Split('\n').Select(l => JsonDocument.Parse(l).RootElement.GetProperty("code").GetString()).ToArray());
        Assert.IsLessThan(128 * 1024 * 1024L, GC.GetTotalMemory(forceFullCollection: true) - before);
        var run = await Run.WithInputAsync(list, "check", "consistency", "--jsonl");
        StringAssert.Contains(run.Output, "malformed-line");
    }

    private static byte[] Bytes(JsonObject good, Random random)
    {
        var line = Encoding.UTF8.GetBytes(good.ToJsonString()).ToList();
        for (var n = random.Next(1, 6); n > 0 && line.Count > 0; n--)
        {
            var at = random.Next(line.Count);
            switch (random.Next(4))
            {
                case 0:
                    line[at] = (byte)random.Next(256);
                    break;
                case 1:
                    line.RemoveRange(at, Math.Min(random.Next(1, 50), line.Count - at));
                    break;
                case 2:
                    line.InsertRange(at, line.Skip(random.Next(line.Count)).Take(random.Next(1, 50)).ToArray());
                    break;
                default:
                    line[at] ^= (byte)(1 << random.Next(8));
                    break;
            }
        }

        // A line is what is between two ends.
        return [.. line.Select(b => b == (byte)'\n' ? (byte)' ' : b)];
    }

    private static byte[] Structure(JsonObject good, Random random)
    {
        var line = good.DeepClone().AsObject();
        var name = line.ElementAt(random.Next(line.Count)).Key;
        var text = Strange[random.Next(Strange.Length)];
        switch (random.Next(7))
        {
            case 0:
                line.Remove(name);
                break;
            case 1:
                line[name] = text;
                break;
            case 2:
                line[name] = random.NextInt64(long.MinValue, long.MaxValue);
                break;
            case 3:
                line[name] = new JsonArray([.. Enumerable.Range(0, random.Next(300)).Select(_ => (JsonNode)text)]);
                break;
            case 4:
                line[text] = 1;
                break;
            case 5:
                line[name] = new JsonObject { ["a"] = line[name]?.DeepClone() };
                break;
            default:
                // Inside a value that decodes: the parsers behind it.
                if (line[name] is JsonValue value && value.TryGetValue<string>(out var encoded) && encoded.Length > 40)
                {
                    var chars = encoded.ToCharArray();
                    for (var n = random.Next(1, 4); n > 0; n--)
                        chars[random.Next(chars.Length - 4)] = "ABCDEFGHabcdefgh0123456789+/"[random.Next(28)];

                    line[name] = new string(chars);
                }

                break;
        }

        return Encoding.UTF8.GetBytes(line.ToJsonString());
    }

    /// <summary>So many blanks, then the rest.</summary>
    private sealed class LongLine(long blanks, byte[] rest) : Stream
    {
        private long at;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => at; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (at < blanks)
            {
                var some = (int)Math.Min(count, blanks - at);
                buffer.AsSpan(offset, some).Fill((byte)' ');
                at += some;
                return some;
            }

            var read = (int)Math.Min(count, rest.Length - (at - blanks));
            rest.AsSpan((int)(at - blanks), read).CopyTo(buffer.AsSpan(offset));
            at += read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
