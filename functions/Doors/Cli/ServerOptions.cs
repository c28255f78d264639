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
            // Without a value the parser says so itself.
            if (result.Tokens.Count == 0)
                return null;

            if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps))
                return uri;

            result.AddError($"{name} is an http or https address.");
            return null;
        },
    };

    /// <summary>An option that takes a whole number.</summary>
    public static Option<int> Number(string name, string description, int least, int absent) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => absent,
        CustomParser = result =>
        {
            // Without a value the parser says so itself.
            if (result.Tokens.Count == 0)
                return absent;

            if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least)
                return number;

            result.AddError($"{name} is a whole number, at least {least}.");
            return absent;
        },
    };

    /// <summary>Values of --note.</summary>
    public static IEnumerable<(string Name, string Text)> Notes(IEnumerable<string> given)
        => given.Select(note => note.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals
            ? (note[..equals], note[(equals + 1)..]) : throw new CliException("--note has the form name=text"));

    public static string Key(string? given)
        => given ?? Environment.GetEnvironmentVariable(KeyVariable) ?? throw new CliException($"no API key: give --key or set {KeyVariable}");
}
