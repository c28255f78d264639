using System.Runtime.InteropServices;
using Notary.Recorder;

using var interrupted = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
return await RecorderCommand.RunAsync(args, new Terminal(Console.In, Console.Out, Console.Error), interrupted.Token);

// The first one closes the session as aborted; the second one breaks it off.
void Stop(PosixSignalContext signal)
{
    signal.Cancel = !interrupted.IsCancellationRequested;
    interrupted.Cancel();
}
