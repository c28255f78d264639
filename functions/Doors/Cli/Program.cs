using System.Runtime.InteropServices;
using Notary.Cli;

await using var input = Console.OpenStandardInput();
using var interrupted = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
return await NotaryCommand.RunAsync(args, new Terminal(input, Console.Out, Console.Error), interrupted.Token);

// The first one lets the command say how to go on; the second one ends it at once.
void Stop(PosixSignalContext signal)
{
    signal.Cancel = !interrupted.IsCancellationRequested;
    interrupted.Cancel();
}
