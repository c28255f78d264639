using System.CommandLine;

namespace Notary.Cli;

/// <summary>How a command finds and enters the platform.</summary>
internal static class ServerOptions
{
    /// <summary>Better than --key, which other users of the machine can see in the list of processes.</summary>
    private const string KeyVariable = "NOTARY_KEY";

    public static (Option<Uri> Url, Option<string?> Key) Create(string whose) => (
        Address("--url", "The platform's address.", required: true),
        new Option<string?>("--key") { Description = $"{whose}; from the environment variable {KeyVariable} when absent." });

    /// <summary>An option that takes an absolute http or https address.</summary>
    public static Option<Uri> Address(string name, string description, bool required = false) => new(name)
    {
        Description = description,
        Required = required,
        CustomParser = result =>
        {
            if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps))
            {
                return uri;
            }

            result.AddError($"{name} is an http or https address.");
            return null;
        },
    };

    public static string Key(string? given)
        => given ?? Environment.GetEnvironmentVariable(KeyVariable) ?? throw new CliException($"no API key: give --key or set {KeyVariable}");
}
