using Notary.Servers;
using System.Diagnostics;
using static Notary.Cli.Tests.FsckBed;

namespace Notary.Cli.Tests;

/// <summary><c>notary bulk</c>: lists as sha256sum prints them, cut off and taken up again, and by a server that lies.</summary>
[TestClass]
[DoNotParallelize]
public sealed class BulkCommandTests
{
    private static FaultProxy proxy = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _)
    {
        await FsckBed.StartAsync();
        proxy = await FaultProxy.StartAsync(FsckBed.App.Url);
    }

    [ClassCleanup]
    public static async Task EndAsync()
    {
        await proxy.DisposeAsync();
        await SettleAsync();
    }

    [TestInitialize]
    public void Forget() => proxy.Clear();

    private static string[] Line(string file, params string[] more) => ["bulk", file, "--url", proxy.Url.ToString(), "--key", Key, .. more];

    private static List<JsonElement> Receipts(string lines)
        => [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];

    private static (string Name, string Sha256) Item(JsonElement receipt)
    {
        var item = receipt.GetProperty("manifest").GetProperty("items")[0];
        return (item.TryGetProperty("name", out var name) ? name.GetString()! : "", item.GetProperty("digests").GetProperty("sha-256").GetString()!);
    }

    private static async Task<string> ListAsync(int count)
    {
        var path = At($"list {Guid.NewGuid():N}.txt");
        await File.WriteAllLinesAsync(path, Enumerable.Range(0, count).Select(_ => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32))));
        return path;
    }

    private static async Task<int> CountAsync(string sha256)
    {
        using var client = FsckBed.App.Client(Key);
        using var json = JsonDocument.Parse(await client.GetStringAsync(new Uri($"v1/deposits?sha256={sha256}", UriKind.Relative)));
        return json.RootElement.GetProperty("items").GetArrayLength();
    }

    [TestMethod]
    public async Task What_sha256sum_prints_is_deposited_under_its_names()
    {
        var files = Directory.CreateDirectory(At("sums"));
        string[] names = ["合同.pdf", "a b  c", "back\\slash\\n", "*star", "\"quoted\"", " blank"];
        foreach (var name in names)
            await File.WriteAllTextAsync(Path.Combine(files.FullName, name), name);

        foreach (var flag in new[] { "--text", "--binary" })
        {
            using var sum = Process.Start(
                new ProcessStartInfo("sha256sum", [flag, "--", .. names]) { WorkingDirectory = files.FullName, RedirectStandardOutput = true })!;
            using var printed = new MemoryStream();
            await sum.StandardOutput.BaseStream.CopyToAsync(printed);
            var run = await Run.WithInputAsync(printed.ToArray(), Line("-", "--note", "contractNo=A-17", "--note", "x=y=z"));
            Assert.AreEqual(0, run.Exit, run.Error);
            var receipts = Receipts(run.Output);
            CollectionAssert.AreEqual(names.Select(n => (n, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(n))))).ToList(),
                receipts.Select(Item).ToList());
            Assert.IsTrue(receipts.All(r => r.GetProperty("manifest").GetProperty("notes").GetProperty("contractNo").GetString() == "A-17"
                && r.GetProperty("manifest").GetProperty("notes").GetProperty("x").GetString() == "y=z"));
        }

        // A line feed in a name is escaped by sha256sum and no name of a deposit.
        var escaped = "\\" + new string('a', 64) + "  two\\nlines\n";
        var refused = await Run.WithInputAsync(escaped, Line("-"));
        Assert.AreEqual(2, refused.Exit);
        StringAssert.Contains(refused.Error, "line 1 ");
        StringAssert.Contains(refused.Error, "--no-names");
        var nameless = await Run.WithInputAsync(escaped, Line("-", "--no-names"));
        Assert.AreEqual(0, nameless.Exit, nameless.Error);
        Assert.AreEqual("", Item(Receipts(nameless.Output).Single()).Name);
    }

    [TestMethod]
    public async Task A_list_of_Windows_is_deposited_as_any_other_and_only_once()
    {
        var digest = RandomNumberGenerator.GetBytes(32);
        var list = $"\"Algorithm\",\"Hash\",\"Path\"\r\n\"SHA256\",\"{Convert.ToHexString(digest)}\",\"合同.pdf\"\r\n";
        var marked = await Run.WithInputAsync([.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(list)], Line("-"));
        Assert.AreEqual(0, marked.Exit, marked.Error);
        Assert.AreEqual(("合同.pdf", Convert.ToHexStringLower(digest)), Item(Receipts(marked.Output).Single()));

        // The same deposit in another spelling is the same request.
        var chinese = DigestList.EncodingOf("gb18030").GetBytes($"{Convert.ToHexStringLower(digest)}  合同.pdf\n");
        var again = await Run.WithInputAsync(chinese, Line("-", "--encoding", "gb18030"));
        Assert.AreEqual(marked.Output, again.Output, again.Error);
        var nameless = await Run.WithInputAsync(chinese, Line("-", "--no-names"));
        Assert.AreEqual(("", Convert.ToHexStringLower(digest)), Item(Receipts(nameless.Output).Single()));
    }

    [TestMethod]
    [DataRow(FaultKind.Drop, FaultPoint.Before)]
    [DataRow(FaultKind.Drop, FaultPoint.AfterEffect)]
    [DataRow(FaultKind.Truncate, FaultPoint.AfterEffect)]
    [DataRow(FaultKind.Status, FaultPoint.AfterEffect)]
    public async Task A_run_that_was_cut_off_and_repeated_deposits_once(FaultKind kind, FaultPoint point)
    {
        var list = await ListAsync(25);
        var digests = await File.ReadAllLinesAsync(list);
        var rule = proxy.Add(new FaultRule("/v1/deposits/bulk", kind, point) { Method = "POST", Nth = 2, Status = 503 });
        var cut = await Run.AsyncOf(Line(list, "--chunk", "10", "--retries", "0"));
        Assert.AreEqual(2, cut.Exit, cut.Error);
        Assert.AreEqual(1, rule.Strikes);
        StringAssert.Contains(cut.Error, "10 of 25 are known to be deposited");
        Assert.HasCount(10, Receipts(cut.Output));

        var (file, again) = (At($"receipts {Guid.NewGuid():N}.jsonl"), await Run.AsyncOf(Line(list, "--chunk", "10", "--retries", "0")));
        Assert.AreEqual(0, again.Exit, again.Error);
        StringAssert.Contains(again.Error, "deposited 25 of 25");
        CollectionAssert.AreEqual(digests, Receipts(again.Output).Select(r => Item(r).Sha256).ToList());
        StringAssert.StartsWith(again.Output, cut.Output);
        Assert.AreEqual(0, (await Run.AsyncOf(Line(list, "--chunk", "10", "--out", file))).Exit);
        Assert.AreEqual(again.Output, await File.ReadAllTextAsync(file));
        foreach (var digest in digests)
            Assert.AreEqual(1, await CountAsync(digest));

        // Another run of the same list is meant as one.
        Assert.AreEqual(0, (await Run.AsyncOf(Line(list, "--chunk", "10", "--run", "second"))).Exit);
        Assert.AreEqual(2, await CountAsync(digests[0]));
    }

    [TestMethod]
    public async Task A_connection_that_is_lost_is_tried_again_and_equal_chunks_are_two()
    {
        var digest = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        proxy.Add(new FaultRule("/v1/deposits/bulk", FaultKind.Drop, FaultPoint.AfterEffect) { Method = "POST" });
        var run = await Run.WithInputAsync(string.Join('\n', Enumerable.Repeat(digest, 4)), Line("-", "--chunk", "2"));
        Assert.AreEqual(0, run.Exit, run.Error);
        StringAssert.Contains(run.Error, "trying again");
        Assert.AreEqual(4, await CountAsync(digest));
    }

    [TestMethod]
    [DataRow("", 10_000)]
    [DataRow("  合同", 10_000)]
    [DataRow("  NBSP", 0)]
    public async Task More_than_a_request_takes_is_more_requests(string name, int items)
    {
        // Of all that a name may hold, a blank of two bytes that JSON writes with six makes the longest request.
        name = name.Replace("NBSP", "n" + new string('\u00a0', 127), StringComparison.Ordinal);
        var list = At($"list {Guid.NewGuid():N}.txt");
        await File.WriteAllLinesAsync(list, Enumerable.Range(0, 10_001).Select(_ => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)) + name));
        using var server = new HttpListener();
        var url = $"http://127.0.0.1:{ChildProcess.FreePort()}/";
        server.Prefixes.Add(url);
        server.Start();
        var running = Run.AsyncOf("bulk", list, "--url", url, "--key", "k", "--retries", "0");
        var context = await server.GetContextAsync().WaitAsync(TimeSpan.FromMinutes(5));
        using var body = new MemoryStream();
        await context.Request.InputStream.CopyToAsync(body);
        context.Response.StatusCode = 201;
        context.Response.Close();
        Assert.AreEqual(1, (await running).Exit);
        Assert.IsLessThan(8 * 1024 * 1024, body.Length);
        var sent = JsonDocument.Parse(body.ToArray()).RootElement.GetProperty("items");
        Assert.IsTrue(items == 0 ? sent.GetArrayLength() is > 5000 and < 10_000 : sent.GetArrayLength() == items, $"{sent.GetArrayLength()}");
        Assert.AreEqual(name.Length > 0 ? name[2..] : "", sent[0].TryGetProperty("name", out var first) ? first.GetString() : "");
    }

    [TestMethod]
    public async Task A_bad_list_is_one_sentence_and_deposits_nothing()
    {
        var good = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        foreach (var (bad, line) in new (string, int)[]
        {
            ("", 0), ("\n\n", 0), ("nonsense", 2), (good[..63], 2), (good.ToUpperInvariant() + "x",
                2), (good + " name", 2), (good + "  ", 2), (good + "x name", 2), (good + "\tname", 2),
            ("\\" + good, 2), ("\\" + good + "  a\\tb", 2), ("\\" + good + "  a\\", 2),
            (good + "  " + new string('n', 256), 2), (good + "  a\u0001b", 2), ("MD5 (a) = " + good, 2), ("SHA256 () = " + good, 2),
        })
        {
            var run = await Run.WithInputAsync(line == 0 ? bad : $"{good}\n{bad}\n", Line("-"));
            Assert.AreEqual(2, run.Exit, bad);
            Assert.HasCount(1, run.Error.TrimEnd().Split('\n'), run.Error);
            StringAssert.Contains(run.Error, line == 0 ? "no digests" : $"line {line} ");
            Assert.AreEqual("", run.Output);
        }

        byte[] latin = [.. Encoding.ASCII.GetBytes(good + "  caf"), 0xe9, (byte)'\n'];
        var encoded = await Run.WithInputAsync(latin, Line("-"));
        Assert.AreEqual(2, encoded.Exit);
        StringAssert.Contains(encoded.Error, "line 1 ");
        StringAssert.Contains(encoded.Error, "UTF-8");
        StringAssert.Contains(encoded.Error, "--encoding");
        Assert.AreEqual(0, await CountAsync(good));
        foreach (var args in new[] { Line(At("missing")), Line("-", "--chunk", "0"), Line("-", "--note", "x"), Line("-", "--encoding", "x") })
        {
            var run = await Run.WithInputAsync(good, args);
            Assert.AreEqual(2, run.Exit, run.Error);
            Assert.HasCount(1, run.Error.TrimEnd().Split('\n'), run.Error);
        }

        Assert.AreEqual(0, await CountAsync(good));
    }

    [TestMethod]
    public async Task Receipts_about_something_else_are_not_believed()
    {
        var list = await ListAsync(2);
        var honest = Receipts((await Run.AsyncOf(Line(list))).Output).Select(r => r.GetRawText()).ToList();
        using var liar = new HttpListener();
        var url = $"http://127.0.0.1:{ChildProcess.FreePort()}/";
        liar.Prefixes.Add(url);
        liar.Start();
        foreach (var (receipts, exit, says) in new (string[], int, string)[]
        {
            ([honest[0], honest[1]], 0, "deposited 2 of 2"), ([honest[0]], 1, "1 receipts for 2 digests"), ([honest[1], honest[0]],
                1, "digest 1 is wrong"), ([honest[0], "null"], 1, "digest 2 is wrong"), ([honest[0], "7"], 1, "digest 2 is wrong"),
        })
        {
            var running = Run.AsyncOf("bulk", list, "--url", url, "--key", "k", "--retries", "0");
            var context = await liar.GetContextAsync().WaitAsync(TimeSpan.FromMinutes(5));
            await context.Request.InputStream.CopyToAsync(Stream.Null);
            context.Response.StatusCode = 201;
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes($$"""{"receipts":[{{string.Join(',', receipts)}}]}"""));
            context.Response.Close();
            var run = await running;
            Assert.AreEqual(exit, run.Exit, run.Error);
            StringAssert.Contains(run.Error, says);
            Assert.AreEqual(exit == 0 ? 2 : 0, Receipts(run.Output).Count);
        }
    }
}
