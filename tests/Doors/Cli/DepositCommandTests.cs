using Notary.Servers;
using static Notary.Cli.Tests.FsckBed;

namespace Notary.Cli.Tests;

/// <summary><c>notary deposit</c> over a bad line, cut off, and by a server that lies.</summary>
[TestClass]
[DoNotParallelize]
public sealed class DepositCommandTests
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

    private static async Task<string> FileAsync(string content)
    {
        var path = At($"deposit {Guid.NewGuid():N}.txt");
        await File.WriteAllTextAsync(path, content);
        return path;
    }

    private static string[] Line(string file, params string[] more) => ["deposit", file, "--url", proxy.Url.ToString(), "--key", Key, "--json", .. more];

    private static async Task<int> CountAsync(string file)
    {
        var digest = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(file)));
        using var client = FsckBed.App.Client(Key);
        using var json = JsonDocument.Parse(await client.GetStringAsync(new Uri($"v1/deposits?sha256={digest}", UriKind.Relative)));
        return json.RootElement.GetProperty("items").GetArrayLength();
    }

    [TestMethod]
    [DataRow(FaultKind.Drop, FaultPoint.Before, 1)]
    [DataRow(FaultKind.Drop, FaultPoint.AfterEffect, 2)]
    [DataRow(FaultKind.Truncate, FaultPoint.AfterEffect, 1)]
    [DataRow(FaultKind.Status, FaultPoint.AfterEffect, 1)]
    public async Task A_connection_that_is_lost_gives_one_deposit(FaultKind kind, FaultPoint point, int times)
    {
        var file = await FileAsync($"lost {kind} {point}");
        var rule = proxy.Add(new FaultRule("/v1/deposits/file", kind, point) { Method = "POST", Times = times, Status = 503 });
        var run = await Run.AsyncOf(Line(file, "--out", Folder.FullName));
        Assert.AreEqual(0, run.Exit, run.Error);
        Assert.AreEqual(times, rule.Strikes);
        for (var i = 1; i <= times; i++)
            StringAssert.Contains(run.Error, $"trying again in {i} s ({i} of 6)");

        Assert.AreEqual(1, await CountAsync(file), "sent more than once, deposited once");

        // The receipt is kept as it came.
        var id = JsonDocument.Parse(run.Output).RootElement.GetProperty("id").GetString();
        using var receipt = JsonDocument.Parse(await File.ReadAllBytesAsync(At($"{id}.receipt.json")));
        Assert.AreEqual(id, receipt.RootElement.GetProperty("manifest").GetProperty("id").GetString());
    }

    /// <summary>What can be read only once is kept until it is sent.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Standard_input_and_a_pipe_are_deposited_and_sent_again_when_the_line_breaks(bool named)
    {
        var content = Encoding.UTF8.GetBytes($"from a pipe {named}");
        var file = await FileAsync(Encoding.UTF8.GetString(content));
        proxy.Add(new FaultRule("/v1/deposits/file", FaultKind.Drop, FaultPoint.AfterEffect) { Method = "POST" });
        Run run;
        if (named)
        {
            var pipe = At($"pipe {Guid.NewGuid():N}");
            await ShellAsync("mkfifo \"$1\"", pipe);
            // Opening it waits for the reader.
            var writing = Task.Run(() => File.WriteAllBytes(pipe, content));
            run = await Run.AsyncOf(Line(pipe));
            await writing;
        }
        else
        {
            run = await Run.WithInputAsync(content, Line("-", "--name", "合同.pdf"));
        }

        Assert.AreEqual(0, run.Exit, run.Error);
        StringAssert.Contains(run.Error, "trying again");
        Assert.AreEqual(1, await CountAsync(file));
        using var client = FsckBed.App.Client(Key);
        var id = JsonDocument.Parse(run.Output).RootElement.GetProperty("id").GetString();
        using var view = JsonDocument.Parse(await client.GetStringAsync(new Uri($"v1/deposits/{id}", UriKind.Relative)));
        Assert.AreEqual(named ? "" : "合同.pdf", view.RootElement.GetProperty("items")[0].GetProperty("name").GetString());
    }

    /// <summary>合同.pdf as GB 18030 has it: what comes of it as an argument is no file's name.</summary>
    [TestMethod]
    public async Task A_name_that_is_not_utf8_is_told_what_works_instead()
    {
        var folder = Directory.CreateTempSubdirectory("notary-gbk-").FullName;
        await ShellAsync("echo gbk > \"$1/$(printf '\\272\\317')\"", folder);
        var run = await Run.AsyncOf(Line(Directory.GetFiles(folder).Single()));
        Assert.AreEqual(2, run.Exit);
        StringAssert.Contains(run.Error, "notary deposit - --name NAME < file");

        // .NET cannot delete it either.
        await ShellAsync("rm -r \"$1\"", folder);
    }

    private static async Task ShellAsync(string line, string argument)
    {
        using var shell = System.Diagnostics.Process.Start("sh", ["-c", line, "sh", argument]);
        await shell.WaitForExitAsync();
        Assert.AreEqual(0, shell.ExitCode, line);
    }

    [TestMethod]
    public async Task When_patience_ends_the_key_is_said_and_continues_it()
    {
        var file = await FileAsync("patience");
        var rule = proxy.Add(new FaultRule("/v1/deposits/file", FaultKind.Drop, FaultPoint.AfterEffect) { Method = "POST", Times = 2 });
        var cut = await Run.AsyncOf(Line(file, "--retries", "1"));
        Assert.AreEqual(2, cut.Exit, cut.Error);
        Assert.AreEqual(2, rule.Strikes);
        var said = cut.Error.TrimEnd().Split('\n')[^1];
        StringAssert.Contains(said, "--idempotency-key ");
        var key = said.Split("--idempotency-key ")[1].Split(',')[0];
        var again = await Run.AsyncOf(Line(file, "--idempotency-key", key));
        Assert.AreEqual(0, again.Exit, again.Error);
        Assert.AreEqual(1, await CountAsync(file));

        // The same key with another file is refused, not deposited.
        var other = await FileAsync("another");
        var refused = await Run.AsyncOf(Line(other, "--idempotency-key", key));
        Assert.AreEqual(2, refused.Exit);
        StringAssert.Contains(refused.Error, "idempotency-conflict");
    }

    [TestMethod]
    public async Task Interrupted_before_and_after_the_receipt_it_says_how_to_go_on()
    {
        var file = await FileAsync("interrupted");
        foreach (var (path, says) in new[] { ("/v1/deposits/file", "whether it was deposited is not known"),
            ("/v1/deposits/[0-9a-f-]+$", "is deposited and goes on by itself") })
        {
            proxy.Clear();
            var struck = new TaskCompletionSource();
            proxy.Add(new FaultRule(path, FaultKind.Delay)
            {
                Delay = TimeSpan.FromMinutes(5),
                Callback = () => { struck.TrySetResult(); return Task.CompletedTask; }
            });
            using var cancel = new CancellationTokenSource();
            var (output, error) = (new StringWriter(), new StringWriter());
            using var input = new MemoryStream();
            var running = NotaryCommand.RunAsync(Line(file, "--wait", "--idempotency-key", "interrupted-1"), new Terminal(input, output, error), cancel.Token);
            await struck.Task.WaitAsync(TimeSpan.FromMinutes(5));
            await cancel.CancelAsync();
            Assert.AreEqual(2, await running);
            StringAssert.Contains(error.ToString(), says);
            StringAssert.Contains(error.ToString(), "--idempotency-key interrupted-1");
        }

        proxy.Clear();
        var run = await Run.AsyncOf(Line(file, "--idempotency-key", "interrupted-1", "--wait", "--timeout", "00:03:00", "--out", Folder.FullName));
        Assert.AreEqual(0, run.Exit, run.Error);
        Assert.IsTrue(File.Exists(JsonDocument.Parse(run.Output).RootElement.GetProperty("bundle").GetString()));
        Assert.AreEqual(1, await CountAsync(file));
    }

    [TestMethod]
    public async Task A_connection_lost_while_waiting_or_downloading_is_taken_up_again()
    {
        var file = await FileAsync("waiting");
        proxy.Add(new FaultRule("/v1/deposits/[0-9a-f-]+$", FaultKind.Drop) { Nth = 2 });
        var download = proxy.Add(new FaultRule("/bundle", FaultKind.Truncate, FaultPoint.AfterEffect));
        var run = await Run.AsyncOf(Line(file, "--wait", "--timeout", "00:03:00", "--out", Folder.FullName));
        Assert.AreEqual(0, run.Exit, run.Error);
        Assert.AreEqual(1, download.Strikes);
        var bundle = JsonDocument.Parse(run.Output).RootElement.GetProperty("bundle").GetString()!;
        Assert.AreEqual(0, (await Run.AsyncOf("verify", bundle, "--trust", At("trust.json"), "--original", file)).Exit);
        Assert.IsFalse(File.Exists(bundle + ".part"));
    }

    [TestMethod]
    public async Task A_receipt_about_other_bytes_is_not_believed()
    {
        var (file, other) = (await FileAsync("mine"), await FileAsync("yours"));
        var honest = await Run.AsyncOf(Line(file, "--out", Folder.FullName));
        var receipt = await File.ReadAllTextAsync(At($"{JsonDocument.Parse(honest.Output).RootElement.GetProperty("id").GetString()}.receipt.json"));
        var digest = JsonDocument.Parse(receipt).RootElement.GetProperty("manifestDigest").GetString()!;
        using var liar = new HttpListener();
        var url = $"http://127.0.0.1:{ChildProcess.FreePort()}/";
        liar.Prefixes.Add(url);
        liar.Start();
        foreach (var (answer, sent, exit, says) in new[]
        {
            (receipt, file, 0, "Received"),
            (receipt, other, 1, "another file"),
            (receipt.Replace(digest, new string('0', 64), StringComparison.Ordinal), file, 1, "digest"),
            (receipt.Replace("{\"format\":\"notary-receipt/1\",\"id\":\"0", "{\"format\":\"notary-receipt/1\",\"id\":\"1", StringComparison.Ordinal),
                file, 1, "another deposit"),
            ("{}", file, 1, "no manifest"), ("[]", file, 1, "no manifest"), ("", file, 1, "no manifest"),
            ("<html>", file, 2, "not JSON"), ("{\"manifest\":7,\"id\":[]}", file, 1, "no manifest"),
        })
        {
            var running = Run.AsyncOf("deposit", sent, "--url", url, "--key", "k", "--retries", "0");
            var context = await liar.GetContextAsync();
            await context.Request.InputStream.CopyToAsync(Stream.Null);
            context.Response.StatusCode = 201;
            await context.Response.OutputStream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(answer));
            context.Response.Close();
            var run = await running;
            Assert.AreEqual(exit, run.Exit, $"{answer}\n{run.Error}");
            StringAssert.Contains(run.Error, says);
        }
    }

    [TestMethod]
    [DataRow("fsck")]
    [DataRow("deposit")]
    [DataRow("check")]
    public async Task Ctrl_C_ends_every_command_with_2_and_a_sentence(string command)
    {
        // A server that takes the connection and never answers.
        using var silent = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/";
        string[] args = command switch
        {
            "fsck" => ["fsck", "--trust", At("trust.json"), "--storage", FsckBed.Platform.ConnectionString, "--rpc", url, "--originals", "0"],
            "deposit" => ["deposit", await FileAsync("ctrl-c"), "--url", url, "--key", Key],
            _ => ["check", "manifest", "--jsonl"],
        };

        // Whoever runs the tests in the background has SIGINT ignored, and a child inherits that.
        using var process = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo("env", ["--default-signal=INT", "dotnet", Path.Combine(AppContext.BaseDirectory, "notary.dll"), .. args])
            { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        System.Net.Sockets.TcpClient? connection = null;
        if (command == "check")
        {
            await process.StandardInput.WriteAsync("{}\n");
            await process.StandardInput.FlushAsync();
            Assert.IsNotNull(await process.StandardOutput.ReadLineAsync());
        }
        else
        {
            connection = await silent.AcceptTcpClientAsync().WaitAsync(TimeSpan.FromMinutes(5));
        }

        using (var kill = System.Diagnostics.Process.Start("kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        var said = await error;
        Assert.AreEqual(2, process.ExitCode, said);
        StringAssert.Contains(said, "interrupted");
        Assert.IsFalse(said.Contains("   at ", StringComparison.Ordinal), said);
        connection?.Dispose();
    }
}
