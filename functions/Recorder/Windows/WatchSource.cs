using System.Runtime.Versioning;
using Notary.Recorder.Recording;

namespace Notary.Recorder.Windows;

/// <summary>Input and the active window, as <c>notary-recorder watch</c> on the user's desktop tells of them; and whether input is let through there.</summary>
/// <param name="session">Whose desktop.</param>
/// <param name="connected">Whether input is let through from the first.</param>
[SupportedOSPlatform("windows")]
internal sealed class WatchSource(UserSession session, bool connected) : IEventSource
{
    private readonly Lock gate = new();
    private TaskCompletionSource<string> blocked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private StreamWriter? input;
    private bool connected = connected;
    private long inputs;

    public string Name => "input and window";

    /// <summary>Keys and presses of the pointer so far.</summary>
    public long Inputs => Interlocked.Read(ref inputs);

    /// <summary>How input is held back, once it is: as the watcher says.</summary>
    public Task<string> Blocked => blocked.Task;

    /// <summary>Lets input through, or no longer. A watcher that comes after this one begins with it.</summary>
    public void Connect(bool through)
    {
        lock (gate)
        {
            connected = through;
            try
            {
                input?.WriteLine(through ? WatchCommand.Pass : WatchCommand.Block);
            }
            catch (IOException)
            {
                // It has ended; the next one is told as it starts.
            }
        }
    }

    public async Task RunAsync(Action<string, JsonObject> emit, CancellationToken cancel)
    {
        Started started;
        lock (gate)
        {
            started = session.Start(Environment.ProcessPath!, connected ? ["watch"] : ["watch", "--blocked"]);
            input = started.Input;
        }

        using var process = started.Process;
        using var output = new StreamReader(started.Output);
        // A read of a pipe cannot be cancelled here: it ends with who writes.
        await using var ending = cancel.Register(() => Child.Kill(process));
        try
        {
            while (await output.ReadLineAsync(CancellationToken.None) is { } line)
                Take(line, emit);

            cancel.ThrowIfCancellationRequested();
            throw new IOException($"the watcher ended: {Child.LastLine(await started.Error.ReadToEndAsync(CancellationToken.None))}");
        }
        finally
        {
            lock (gate)
                input = null;

            Child.Kill(process);
        }
    }

    private void Take(string line, Action<string, JsonObject> emit)
    {
        var said = JsonNode.Parse(line)!.AsObject();
        var type = said["type"]!.GetValue<string>();
        said.Remove("type");
        if (type == WatchCommand.Blocking)
        {
            blocked.TrySetResult(said["by"]!.GetValue<string>());
            return;
        }

        if (type == "key" || said.ContainsKey("button"))
            Interlocked.Increment(ref inputs);

        emit(type, said);
    }
}
