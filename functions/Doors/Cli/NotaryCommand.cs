using System.CommandLine.Invocation;

namespace Notary.Cli;

/// <summary>The command line of <c>notary</c> (docs/cli.md).</summary>
internal static class NotaryCommand
{
    public static RootCommand Build(Terminal terminal) => new("Deposits files with a notary's platform and verifies its evidence, also without the platform.")
    {
        VerifyCommand.Build(terminal),
        DepositCommand.Build(terminal),
        DepositCommand.BuildUpload(terminal),
        BulkCommand.Build(terminal),
        BatchCommand.Build(terminal),
        CheckCommand.Build(terminal),
        DrawCommand.Build(terminal),
        ConsortiumCommand.Build(terminal),
        ForensicsCommand.Build(terminal),
        PartnerCommand.Build(terminal),
        OperatorCommands.BuildTenant(terminal),
        OperatorCommands.BuildKey(terminal),
        FsckCommand.Build(terminal),
        AuditCommand.Build(terminal),
        WitnessCommand.Build(terminal),
    };

    public static async Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken cancel)
    {
        var parsed = Build(terminal).Parse(args);
        if (parsed.Errors.Count > 0 && parsed.Action is ParseErrorAction)
        {
            await terminal.Error.WriteLineAsync($"notary: {parsed.Errors[0].Message} Try notary --help.");
            return Exit.Unjudged;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                Output = terminal.Output,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null
            }, cancel);
        }
        catch (CliException e)
        {
            await terminal.Error.WriteLineAsync($"notary: {e.Message}");
        }
        catch (FaultException e)
        {
            await terminal.Error.WriteLineAsync($"notary: {e.Message} ({e.Fault.Code()})");
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            await terminal.Error.WriteLineAsync("notary: interrupted");
        }
        catch (Exception e) when (Told(e) is OperationCanceledException or TimeoutException)
        {
            // A client's own deadline, after its own tries.
            await terminal.Error.WriteLineAsync("notary: storage or a server did not answer in time; nothing was judged: try again");
        }
        catch (Exception e) when (Told(e) is IOException or UnauthorizedAccessException or HttpRequestException
            or Azure.RequestFailedException or Azure.Identity.AuthenticationFailedException)
        {
            // The SDK's messages go on for lines, with headers; several tries that failed come as one list.
            await terminal.Error.WriteLineAsync($"notary: {First(Told(e))}");
        }
        catch (Exception e)
        {
            // A mistake of this program: still a sentence, and no verdict. An exception's name says nothing to whoever reads it.
            await terminal.Error.WriteLineAsync($"notary: this program made a mistake and judged nothing; please report it: {First(Told(e))}");
        }

        return Exit.Unjudged;
    }

    private static Exception Told(Exception e) => (e as AggregateException)?.InnerException ?? e;

    private static string First(Exception e) => e.Message.Split('\n')[0].TrimEnd();
}
