using System.CommandLine;

namespace Notary.Cli;

/// <summary>How a command finds and enters the platform.</summary>
internal static class ServerOptions
{
    /// <summary>Better than --key, which other users of the machine can see in the list of processes.</summary>
    private const string KeyVariable = "NOTARY_KEY";

    public static (Option<Uri> Url, Option<string?> Key) Create(string whose) => (
        new Option<Uri>("--url") { Description = "The platform's address.", Required = true },
        new Option<string?>("--key") { Description = $"{whose}; from the environment variable {KeyVariable} when absent." });

    public static string Key(string? given)
        => given ?? Environment.GetEnvironmentVariable(KeyVariable) ?? throw new CliException($"no API key: give --key or set {KeyVariable}");
}
