using System.Runtime.InteropServices;
using Notary.Servers;
using Notary.Servers.Forensics;

// There is nothing on the machine but its folder.
if (args is ["sweep"])
    return 0;

if (args is ["session", ..])
    return await StandInDesktop.RunAsync(args);

var (arguments, error) = RunArguments.Parse(args);
if (arguments is null)
{
    await Console.Error.WriteLineAsync(error);
    return 2;
}

using var stop = new CancellationTokenSource();
void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    return await new RunCommand(arguments).RunAsync(stop.Token);
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    await Console.Error.WriteLineAsync("stopped");
    return arguments.Once is null ? 0 : 130;
}
catch (Exception e) when (e is InvalidOperationException or TimeoutException or IOException)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
