using Notary.Cli;

await using var input = Console.OpenStandardInput();
return await NotaryCommand.RunAsync(args, new Terminal(input, Console.Out, Console.Error), CancellationToken.None);
