using System.Text.Encodings.Web;

namespace Notary.Infra.Tests;

/// <summary>A resource, or a part of one, that is asked by paths of member names and numbers, such as <c>properties.rules.0.name</c>.</summary>
internal sealed record Part(JsonNode? Json)
{
    public string Id => this["id"];
    public string Type => this["type"];
    public string Name => this["name"];

    /// <summary>What an account is for: the two letters of its name, or of its child's, that say so.</summary>
    public string Duty => Regex.Match(Name, "^stnotary(?:dev|prod)(..)").Groups[1].Value;

    /// <summary>The text at a path; empty where there is none.</summary>
    public string this[string path] => At(path).Json?.ToString() ?? "";

    public Part At(string path) => new(path.Split('.').Aggregate(Json, (node, step) => node switch
    {
        JsonArray a => int.TryParse(step, out var i) && i < a.Count ? a[i] : null,
        JsonObject o => o[step],
        _ => null,
    }));

    public IEnumerable<Part> List(string path) => At(path).Json?.AsArray().Select(n => new Part(n)) ?? [];

    /// <summary>Several texts, separated by blanks.</summary>
    public string Say(params string[] paths) => string.Join(' ', paths.Select(p => this[p]));
}

/// <summary>What a deployment would make, as the compiler foresees it. What only Azure knows stays an expression in brackets.</summary>
internal sealed class Snapshot(JsonObject parameters, JsonObject snapshot)
{
    // Letters as they are: Chinese names stay readable in a golden file.
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public IReadOnlyList<Part> Resources { get; } = [.. snapshot["predictedResources"]!.AsArray().Select(r => new Part(r))];

    /// <summary>What the compiler could not foresee.</summary>
    public JsonArray Diagnostics => snapshot["diagnostics"]!.AsArray();

    /// <summary>The app's settings.</summary>
    public Part Settings => One("Web/sites/config", "/appsettings").At("properties");

    public Part[] Of(string type) => [.. Resources.Where(r => r.Type == "Microsoft." + type)];

    public Part One(string type, string nameEnds = "") => Of(type).Single(r => r.Name.EndsWith(nameEnds, StringComparison.Ordinal));

    /// <summary>One line for the parameters, one for each resource by id, one for the outputs; members in order.</summary>
    public string[] Canonical() =>
    [
        "parameters " + Line(parameters),
        .. Resources.Select(r => $"{r.Id} {Line(r.Json!)}").Order(StringComparer.Ordinal),
        "outputs " + Line(snapshot["outputs"]!),
    ];

    /// <summary>Each scalar of <paramref name="node"/> with its path.</summary>
    public static IEnumerable<(string Path, string Value)> Leaves(JsonNode? node, string path) => node switch
    {
        JsonObject o => o.SelectMany(m => Leaves(m.Value, $"{path}.{m.Key}")),
        JsonArray a => a.SelectMany((item, i) => Leaves(item, $"{path}[{i}]")),
        _ => [(path, node is null ? "null" : node.ToString())],
    };

    private static string Line(JsonNode node) => Sorted(node)!.ToJsonString(Plain);

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject o => new JsonObject(o.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => KeyValuePair.Create(m.Key, Sorted(m.Value)))),
        JsonArray a => new JsonArray([.. a.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
