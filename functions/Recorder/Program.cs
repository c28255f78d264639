using System.Runtime.InteropServices;
using System.Text;
using Notary.Recorder;
using Notary.Recorder.Windows;

using var interrupted = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
// UTF-8 whatever the console's code page: notes and names come by here.
var utf8 = new UTF8Encoding(false);
var terminal = new Terminal(new StreamReader(Console.OpenStandardInput(), utf8), Writer(Console.OpenStandardOutput()), Writer(Console.OpenStandardError()));
if (OperatingSystem.IsWindows())
{
    Native.EndChildrenWithThis();
    // Whoever waits for a pipe there holds a thread of the pool: two for each program that runs, one for the input. The pool itself adds one in half a second.
    ThreadPool.SetMinThreads(32, 8);
}

return await RecorderCommand.RunAsync(args, terminal, interrupted.Token);

TextWriter Writer(Stream stream) => TextWriter.Synchronized(new StreamWriter(stream, utf8) { AutoFlush = true });

// The first one closes the session as aborted; the second one breaks it off.
void Stop(PosixSignalContext signal)
{
    signal.Cancel = !interrupted.IsCancellationRequested;
    interrupted.Cancel();
}
