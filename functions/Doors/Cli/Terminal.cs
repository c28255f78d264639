namespace Notary.Cli;

/// <summary>Where a command reads and writes: the console, or a test's buffers.</summary>
internal sealed record Terminal(Stream Input, TextWriter Output, TextWriter Error)
{
    /// <summary>Opens a file that the caller named.</summary>
    public static FileStream Open(string path) => path.Length > 0 ? File.OpenRead(path) : throw new CliException("the name of a file is empty");
}

/// <summary>Exit codes, the same for every command; <c>verify</c> has <see cref="Outcome.Unjudged"/> besides.</summary>
internal static class Exit
{
    public const int Passed = 0;
    public const int Failed = 1;

    /// <summary>Could not be judged: wrong usage, an unreadable file, a server that does not answer.</summary>
    public const int Unjudged = 2;
}

/// <summary>Ends a command with <see cref="Exit.Unjudged"/> and one sentence on standard error.</summary>
internal class CliException(string sentence, Exception? cause = null) : Exception(sentence, cause);
