using System.Reflection;

namespace Notary.Infra.Tests;

/// <summary>The real compiler.</summary>
internal static partial class Bicep
{
    // Any tenant and subscription do; names are made from them, so they stay the same.
    public const string Subscription = "00000000-0000-0000-0000-000000000001";
    private const string Tenant = "00000000-0000-0000-0000-000000000002";

    public static string Infra { get; } = Path.Combine(Repository.Root, "infra");

    /// <summary>The compiler's executable, from its package.</summary>
    public static string Tool { get; } =
        typeof(Bicep).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(m => m.Key == "Bicep").Value!;

    /// <summary>What an office would set, where the parameter file has no default.</summary>
    private static readonly Dictionary<string, string> Office = new(StringComparer.Ordinal)
    {
        ["NOTARY_CHAIN_ID"] = "1337",
        ["NOTARY_CHAIN_CONTRACT"] = "0x" + new string('c', 40),
        ["NOTARY_CHAIN_FORMER_CONTRACTS"] = "0x" + new string('f', 40),
        ["NOTARY_CHAIN_RPC_URLS"] = "https://node-a.example https://node-b.example",
        ["NOTARY_ALERT_EMAILS"] = "first@office.example second@office.example",
        ["NOTARY_OPERATOR_KEY_HASH"] = new string('a', 64),
        ["NOTARY_OFFICE_SHORT_NAME"] = "示范",
        ["NOTARY_PUBLIC_URL"] = "https://notary.example",
        ["NOTARY_AVD_PRINCIPAL_ID"] = "00000000-0000-0000-0000-0000000000aa",
    };

    /// <summary>main.bicep as Azure gets it.</summary>
    public static readonly Lazy<Task<JsonObject>> Main = new(() => BuildAsync("main.bicep"));

    public static string Text(string path) => File.ReadAllText(Path.Combine(Infra, path));

    /// <summary>The variables that a parameter file reads and has no default for.</summary>
    public static string[] Needed(string parameters) => [.. Variable().Matches(Text(parameters)).Select(m => m.Groups[1].Value).Distinct()];

    /// <summary>Every line that the compiler says about all of infra/.</summary>
    public static async Task<string[]> LintAsync()
        => (await ChildTool.RunAsync(Tool, ["lint", "--pattern", "**/*.bicep"], Infra, Quiet)).Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A template as Azure gets it.</summary>
    public static async Task<JsonObject> BuildAsync(string file)
        => JsonNode.Parse(await RunAsync(["build", file, "--stdout"], Quiet))!.AsObject();

    /// <summary>What the service would be asked to make of a parameter file and its template. On a copy: the compiler writes beside the file.</summary>
    /// <remarks><paramref name="edit"/> changes the file's text before; <paramref name="variables"/> stand beside those of the office.</remarks>
    public static async Task<Snapshot> SnapshotAsync(string parameters, Func<string, string>? edit = null, params (string Name, string Value)[] variables)
    {
        var copy = Directory.CreateTempSubdirectory("infra-snapshot");
        try
        {
            foreach (var from in Directory.GetFiles(Infra, "*", SearchOption.AllDirectories))
            {
                var to = Path.Combine(copy.FullName, Path.GetRelativePath(Infra, from));
                Directory.CreateDirectory(Path.GetDirectoryName(to)!);
                File.Copy(from, to);
            }

            var text = Text(parameters).Replace("../../../infra/", "../", StringComparison.Ordinal);
            var file = Path.Combine(copy.FullName, "params", "case.bicepparam");
            await File.WriteAllTextAsync(file, edit is null ? text : edit(text));
            var environment = Needed(parameters).ToDictionary(n => n, n => n.ToLowerInvariant()).Concat(Office).Concat(Quiet)
                .Concat(variables.Select(v => KeyValuePair.Create(v.Name, v.Value))).GroupBy(v => v.Key).ToDictionary(g => g.Key, g => g.Last().Value);
            string[] place = ["--subscription-id", Subscription, "--tenant-id", Tenant, "--location", "eastasia"];
            string[] group = text.Contains("main.bicep", StringComparison.Ordinal) ? [] : ["--resource-group", "sessions"];
            await RunAsync(["snapshot", file, "--mode", "overwrite", .. place, .. group], environment);
            var snapshot = JsonNode.Parse(await File.ReadAllTextAsync(Path.ChangeExtension(file, ".snapshot.json")))!.AsObject();

            // What a file makes of the office's variables; the edited ones are for other questions.
            var built = edit is null ? await RunAsync(["build-params", file, "--stdout"], environment) : """{ "parametersJson": "{}" }""";
            return new Snapshot(JsonNode.Parse(JsonNode.Parse(built)!["parametersJson"]!.ToString())!["parameters"]?.AsObject() ?? [], snapshot);
        }
        finally
        {
            copy.Delete(recursive: true);
        }
    }

    // The compiler is built for a machine with ICU; nothing here sorts or compares by culture.
    private static readonly Dictionary<string, string> Quiet = new(StringComparer.Ordinal) { ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1" };

    private static async Task<string> RunAsync(string[] arguments, IReadOnlyDictionary<string, string> environment)
    {
        var (code, output, error) = await ChildTool.RunAsync(Tool, arguments, Infra, environment);
        Assert.AreEqual(0, code, $"bicep {arguments[0]} {arguments[1]}: {error}");
        return output;
    }

    [GeneratedRegex(@"readEnvironmentVariable\('([A-Z0-9_]+)'\)")]
    private static partial Regex Variable();
}
