namespace Notary.Cli.Tests;

/// <summary>Whatever is typed: exit code 2 and one sentence, or the right answer; never a stack trace.</summary>
[TestClass]
public sealed class CommandLineTests
{
    private static DirectoryInfo folder = null!;

    private static string At(string name) => Path.Combine(folder.FullName, name);

    [ClassInitialize]
    public static async Task MakeAsync(TestContext _)
    {
        folder = Directory.CreateTempSubdirectory("notary-line-");
        await File.WriteAllTextAsync(At("text"), "text");
        await File.WriteAllTextAsync(At("empty"), "");
        await File.WriteAllTextAsync(At("--json"), "a file with an option's name");
    }

    [ClassCleanup]
    public static void End() => folder.Delete(true);

    private static readonly string[] Server = ["--url", "http://127.0.0.1:1/", "--key", "k"];

    /// <summary>Every command with all that it needs, and an option of it that takes a value.</summary>
    private static IEnumerable<(string[] Command, string? Valued)> Commands() =>
    [
        (["verify", At("text")], "--trust"),
        (["deposit", At("text"), "--retries", "0", .. Server], "--media-type"),
        (["bulk", At("text"), "--retries", "0", .. Server], "--note"),
        (["check", "token", "--jsonl"], null), (["check", "inclusion", "--jsonl"], null),
        (["check", "consistency", "--jsonl"], null), (["check", "checkpoint", "--jsonl"], null),
        (["check", "letter", "--jsonl"], null), (["check", "manifest", "--jsonl"], null), (["check", "transaction", "--jsonl"], null),
        (["fsck", "--trust", At("text"), "--storage", "UseDevelopmentStorage=true", "--no-chain", "--originals", "0"], "--account"),
        (["consortium", "members", "--node", "http://127.0.0.1:1/", "--contract", "0x00000000000000000000000000000000000000aa"], "--contract"),
        (["consortium", "vote", "1", "yes", "--node", "http://127.0.0.1:1/", "--contract", "0x00000000000000000000000000000000000000aa",
            "--key", At("text")], "--timeout"),
        (["tenant", "create", "Firm", .. Server], "--id"),
        (["key", "create", "firm", .. Server], "--label"), (["key", "list", "firm", .. Server], null),
        (["key", "rotate", "firm", "0123456789abcdef", .. Server], "--overlap-seconds"), (["key", "revoke", "firm", "0123456789abcdef", .. Server], null),
    ];

    private static async Task RefusedAsync(params string[] args)
    {
        var run = await Run.AsyncOf(args);
        var line = string.Join(' ', args);
        Assert.AreEqual(2, run.Exit, $"{line}\n{run.Output}{run.Error}");
        Assert.AreEqual("", run.Output, line);
        Assert.HasCount(1, run.Error.TrimEnd().Split('\n'), run.Error);
        StringAssert.StartsWith(run.Error, "notary: ", line);
        Assert.IsFalse(run.Error.Contains("   at ", StringComparison.Ordinal) || run.Error.Contains("made a mistake", StringComparison.Ordinal)
            || run.Error.Contains("Exception", StringComparison.Ordinal), run.Error);
    }

    [TestMethod]
    public async Task Options_that_are_unknown_repeated_or_without_value_are_refused_by_every_command()
    {
        foreach (var (command, valued) in Commands())
        {
            await RefusedAsync([.. command, "--nonsense"]);
            await RefusedAsync([.. command, "--nonsense=1"]);
            await RefusedAsync([.. command, "one", "argument", "too", "many"]);
            if (valued is not null)
            {
                await RefusedAsync([.. command, valued]);
                await RefusedAsync([.. command, valued, "a", valued, "b"]);
            }

            foreach (var option in command.Where(a => a is "--url" or "--key" or "--storage" or "--originals" or "--retries"))
                await RefusedAsync([.. command, option, "http://127.0.0.1:2/"]);
        }
    }

    [TestMethod]
    public async Task Help_and_version_are_answers()
    {
        foreach (var (command, _) in Commands())
        {
            var words = command.TakeWhile(a => !a.StartsWith('-') && !a.StartsWith('/')).Take(2).Where(w => w is not ("Firm" or "firm")).ToArray();
            var help = await Run.AsyncOf([.. words, "--help"]);
            Assert.AreEqual(0, help.Exit);
            StringAssert.Contains(help.Output, words[^1]);
            Assert.AreEqual("", help.Error);
        }

        foreach (var args in (string[][])[["--help"], ["--version"], ["check", "--help"], ["tenant", "--help"], ["key", "--help"]])
            Assert.AreEqual(0, (await Run.AsyncOf(args)).Exit);

        foreach (var args in (string[][])[[], ["check"], ["tenant"], ["key"], ["bulk"], ["--nonsense"], ["frobnicate"],
            ["verify"], ["deposit"], ["fsck"], ["tenant", "create"], ["key", "create"], ["key", "rotate", "firm"]])
            await RefusedAsync(args);
    }

    [TestMethod]
    public async Task What_goes_wrong_is_told_without_an_exceptions_name()
    {
        await RefusedAsync(["deposit", At("text"), "--retries", "0", "--out", "", .. Server]);
        await RefusedAsync(["bulk", At("text"), "--retries", "0", "--out", "", .. Server]);
        await RefusedAsync(["deposit", At("\uFFFD"), "--retries", "0", .. Server]);
        await RefusedAsync(["deposit", folder.FullName, "--retries", "0", .. Server]);
        await RefusedAsync(["tenant", "create", "Firm", "--retries", "0", .. Server]);

        // A server of another kind.
        foreach (var answer in (string[])["[]", "1", "\"x\"", "null", "{\"id\":1,\"url\":2}", "{\"receipts\":[1]}", "nonsense"])
        {
            using var server = new HttpListener();
            var url = $"http://127.0.0.1:{Servers.ChildProcess.FreePort()}/";
            server.Prefixes.Add(url);
            server.Start();
            var serving = ServeAsync(server, answer);
            string[] at = ["--url", url, "--key", "k"];
            foreach (var via in (string[])["body", "address"])
            {
                var run = await Run.AsyncOf(["deposit", At("text"), "--retries", "0", "--via", via, .. at]);
                Assert.AreNotEqual(0, run.Exit, run.Output);
                Assert.IsFalse(run.Error.Contains("made a mistake", StringComparison.Ordinal)
                    || run.Error.Contains("Exception", StringComparison.Ordinal), $"{answer}\n{run.Error}");
            }

            server.Stop();
            await serving;
        }
    }

    private static async Task ServeAsync(HttpListener server, string answer)
    {
        try
        {
            while (true)
            {
                var context = await server.GetContextAsync();
                await context.Request.InputStream.CopyToAsync(Stream.Null);
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(answer));
                context.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    [TestMethod]
    public async Task Values_are_checked_before_anything_is_done()
    {
        foreach (var bad in (string[])["", "nonsense", "ftp://127.0.0.1/", "http://", "file:///etc/passwd", "http://example.com/", "//127.0.0.1"])
        {
            await RefusedAsync("deposit", At("text"), "--retries", "0", "--url", bad, "--key", "k");
            await RefusedAsync("key", "list", "firm", "--url", bad, "--key", "k");
        }

        foreach (var bad in (string[])["nonsense", "ftp://127.0.0.1/", "127.0.0.1:8545"])
        {
            await RefusedAsync("verify", At("text"), "--rpc", bad);
            await RefusedAsync("fsck", "--trust", At("text"), "--storage", "UseDevelopmentStorage=true", "--originals", "0", "--rpc", bad);
        }

        foreach (var bad in (string[])["0", "-1", "one", "1.5", "99999999999999999999", ""])
            await RefusedAsync("verify", At("text"), "--confirmations", bad);

        string[] fsck = ["fsck", "--trust", At("text"), "--storage", "UseDevelopmentStorage=true"];
        await RefusedAsync(fsck);
        await RefusedAsync([.. fsck, "--no-chain"]);
        await RefusedAsync([.. fsck, "--no-chain", "--rpc", "http://127.0.0.1:1/", "--originals", "0"]);
        await RefusedAsync([.. fsck, "--no-chain", "--originals", "-1"]);
        await RefusedAsync([.. fsck, "--no-chain", "--originals", "0", "--account", "both"]);
        await RefusedAsync([.. fsck, "--no-chain", "--originals", "0", "--events-account", "alone"]);
        await RefusedAsync([.. fsck, "--no-chain", "--originals", "0", "--from-block", "x"]);
        await RefusedAsync([.. fsck, "--no-chain", "--originals", "0", "--from-block", "-1"]);
        await RefusedAsync("fsck", "--trust", At("text"), "--storage", "nonsense", "--no-chain", "--originals", "0");
        await RefusedAsync("fsck", "--trust", At("text"), "--no-chain", "--originals", "0");
        await RefusedAsync("fsck", "--trust", At("missing"), "--storage", "UseDevelopmentStorage=true", "--no-chain", "--originals", "0");
        await RefusedAsync("fsck", "--trust", At("empty"), "--storage", "UseDevelopmentStorage=true", "--no-chain", "--originals", "0");

        string[] deposit = ["deposit", At("text"), "--retries", "0", .. Server];
        await RefusedAsync([.. deposit, "--note", "no equals sign"]);
        await RefusedAsync([.. deposit, "--note", "=x"]);
        await RefusedAsync([.. deposit, "--media-type", "no type"]);
        await RefusedAsync([.. deposit, "--timeout", "soon"]);
        await RefusedAsync([.. deposit, "--timeout", "-00:01:00"]);
        await RefusedAsync([.. deposit, "--idempotency-key", ""]);
        await RefusedAsync([.. deposit, "--idempotency-key", "键"]);
        await RefusedAsync([.. deposit, "--out", At("text")]);
        await RefusedAsync(["deposit", At("text"), "--retries", "-1", .. Server]);
        await RefusedAsync("deposit", At("text"), "--url", "http://127.0.0.1:1/", "--key", "a key\nwith a line");
        await RefusedAsync("deposit", At("text"), "--url", "http://127.0.0.1:1/", "--key", "");
        await RefusedAsync(["key", "create", "firm", "--expires", "tomorrow", .. Server]);
        await RefusedAsync(["key", "rotate", "firm", "p", "--overlap-seconds", "1.5", .. Server]);
    }

    [TestMethod]
    public async Task Files_that_cannot_be_read_are_a_sentence()
    {
        foreach (var bad in (string[])[At("missing"), folder.FullName, At("text") + "/below", At(new string('x', 300)), "", "/proc/self/mem"])
        {
            await RefusedAsync("verify", bad, "--trust", At("text"));
            await RefusedAsync("verify", At("text"), "--trust", bad);
            await RefusedAsync(["deposit", bad, "--retries", "0", .. Server]);
        }

        // A file without bytes is judged: it is no bundle.
        Assert.AreEqual(1, (await Run.AsyncOf("verify", At("empty"))).Exit);
    }

    [TestMethod]
    [DoNotParallelize] // The current directory is the process's.
    public async Task Values_may_follow_an_equals_sign_and_arguments_two_dashes()
    {
        var plain = await Run.AsyncOf("verify", At("text"), "--rpc", "http://127.0.0.1:1/", "--confirmations", "3", "--json");
        var joined = await Run.AsyncOf("verify", At("text"), "--rpc=http://127.0.0.1:1/", "--confirmations=3", "--json");
        Assert.AreEqual(1, plain.Exit, plain.Error);
        Assert.AreEqual(plain, joined);

        // What follows two dashes is an argument, also when it looks like an option.
        var here = Environment.CurrentDirectory;
        Environment.CurrentDirectory = folder.FullName;
        try
        {
            var named = await Run.AsyncOf("verify", "--", "--json");
            Assert.AreEqual(1, named.Exit, named.Error);
            StringAssert.Contains(named.Output, "not-a-bundle");
            StringAssert.EndsWith(named.Output.TrimEnd(), "FAILED");
        }
        finally
        {
            Environment.CurrentDirectory = here;
        }
    }

    [TestMethod]
    public async Task A_pipe_is_no_bundle()
    {
        using var shell = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("sh",
            ["-c", $"echo x | dotnet {Path.Combine(AppContext.BaseDirectory, "notary.dll")} verify /dev/stdin"])
        { RedirectStandardError = true })!;
        var error = await shell.StandardError.ReadToEndAsync();
        await shell.WaitForExitAsync();
        Assert.AreEqual(2, shell.ExitCode, error);
        StringAssert.Contains(error, "is a pipe");
        Assert.HasCount(1, error.TrimEnd().Split('\n'), error);
    }
}
