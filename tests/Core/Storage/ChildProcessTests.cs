using System.Diagnostics;

namespace Notary.Storage.Tests;

/// <summary>The process wrapper that every local server stands on.</summary>
[TestClass]
public sealed class ChildProcessTests
{
    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestMethod]
    public async Task A_child_that_ends_early_tells_why()
    {
        var failure = await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => ChildProcess.StartAsync(
            new("sh", "-c", "echo the port is taken >&2; exit 3") { Ready = (_, _) => Task.FromResult(false) }, Cancel));
        StringAssert.Contains(failure.Message, "ended with 3");
        StringAssert.Contains(failure.Message, "the port is taken");
    }

    [TestMethod]
    public async Task A_child_that_never_gets_ready_is_not_left_running()
    {
        var marker = $"sleep-{Guid.NewGuid():N}";
        var failure = await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => ChildProcess.StartAsync(
            new("bash", "-c", $"exec -a {marker} sleep 600")
            {
                Ready = (_, _) => Task.FromResult(false),
                ReadyTimeout = TimeSpan.FromMilliseconds(300)
            }, Cancel));
        StringAssert.Contains(failure.Message, "not ready within");
        Assert.IsFalse(Process.GetProcesses().Any(p => CommandLine(p.Id).Contains(marker, StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task Stop_asks_first_and_kills_what_does_not_listen()
    {
        var polite = await ChildProcess.StartAsync(
            new("sh", "-c", "trap 'echo saved; exit 0' TERM; echo up; while :; do sleep 0.05; done") { Ready = Up }, Cancel);
        await polite.StopAsync();
        StringAssert.Contains(polite.StandardOutput, "saved");
        Assert.AreEqual(0, polite.ExitCode);

        var deaf = await ChildProcess.StartAsync(
            new("sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.05; done") { Ready = Up, StopTimeout = TimeSpan.FromMilliseconds(300) }, Cancel);
        deaf.Signal("STOP");
        await deaf.StopAsync();
        Assert.IsTrue(deaf.HasExited);
        await deaf.DisposeAsync();
    }

    [TestMethod]
    public async Task The_signal_that_children_are_started_with_ends_them_with_their_parent()
    {
        // What the wrapper does for its children, done by a parent that can be killed here.
        await using var parent = await ChildProcess.StartAsync(new("sh", "-c", "setpriv --pdeathsig TERM -- sleep 600 & echo child $!; wait")
        { Ready = (p, _) => Task.FromResult(p.StandardOutput.Contains("child", StringComparison.Ordinal)) }, Cancel);
        var child = int.Parse(parent.StandardOutput.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        StringAssert.Contains(CommandLine(child), "sleep");
        parent.Kill();
        for (var i = 0; i < 3000 && CommandLine(child).Contains("sleep", StringComparison.Ordinal); i++)
            await Task.Delay(50, Cancel);

        Assert.IsFalse(CommandLine(child).Contains("sleep", StringComparison.Ordinal));
    }

    private static Task<bool> Up(ChildProcess child, CancellationToken cancel)
        => Task.FromResult(child.StandardOutput.Contains("up", StringComparison.Ordinal));

    private static string CommandLine(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    }
}
