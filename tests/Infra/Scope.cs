using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Notary.Infra.Tests;

/// <summary>A value as it is written, and where: names in it mean what they mean there.</summary>
public readonly record struct Written(JsonElement Value, Scope Scope)
{
    public bool Has(string name, out JsonElement part) => Value.TryGetProperty(name, out part);

    public string? Word(string name) => Has(name, out var part) ? part.GetString() : null;

    public Written With(JsonElement part) => this with { Value = part };

    public Written With(JsonElement part, string name, Bound bound) => new(part, Scope with { Locals = Scope.Locals.SetItem(name, bound) });
}

/// <summary>What a loop's or lambda's name stands for: values that are written somewhere, or only their kind; neither when it cannot be told.</summary>
public sealed record Bound(IReadOnlyList<Written>? Values, Kind? Kind);

/// <summary>Tells what names mean in one file, and what kind of value an expression has.</summary>
public sealed record Scope(Template File, IReadOnlyList<Template> All, DeclaredTypes Types, IReadOnlyDictionary<string, Kind.Named> Facts, ImmutableDictionary<string, Bound> Locals)
{
    private static readonly HashSet<string> Texts = new(StringComparer.Ordinal)
    {
        "cidrHost", "cidrSubnet", "guid", "join", "loadTextContent", "newGuid", "readEnvironmentVariable", "replace", "resourceId",
        "string", "subscriptionResourceId", "take", "toLower", "toUpper", "uniqueString", "utcNow",
    };

    /// <summary>The values that are really written: branches apart, variables and loops' names looked up.</summary>
    public static IEnumerable<Written> Unfold(Written value)
    {
        if (value.Has("either", out var branches))
        {
            return branches.EnumerateArray().SelectMany(b => Unfold(value.With(b)));
        }

        if (value.Word("expression") is not { } text || value.Has("call", out _) || value.Has("kind", out _))
        {
            return [value];
        }

        var path = Steps(text);
        var found = value.Scope.Look(path[0]);
        return found is null ? [value] : found.SelectMany(v => Unfold(v)).SelectMany(v => Member(v, path[1..])).SelectMany(Unfold);
    }

    /// <summary>What one element of a list is.</summary>
    public static Bound Element(Written list)
    {
        var written = Unfold(list).ToArray();
        if (written.Length > 0 && written.All(w => w.Has("array", out _)))
        {
            return new Bound([.. written.SelectMany(w => w.Value.GetProperty("array").EnumerateArray().Select(w.With))], null);
        }

        return new Bound(null, written is [var one] && one.Scope.Infer(one) is Kind.List items ? items.Item : null);
    }

    /// <summary>The kind of an expression; null when it cannot be told.</summary>
    public Kind? Infer(Written value)
    {
        switch (value.Word("kind"))
        {
            case "string": return new Kind.Text();
            case "int": return new Kind.Number();
            case "bool": return new Kind.Flag();
            default: break;
        }

        if (value.Word("call") is { } call)
        {
            return call switch
            {
                "any" => new Kind.Anything(),
                "int" or "length" => new Kind.Number(),
                "empty" => new Kind.Flag(),
                "range" => new Kind.List(new Kind.Number()),
                "split" => new Kind.List(new Kind.Text()),
                _ => Texts.Contains(call) ? new Kind.Text() : null,
            };
        }

        return value.Word("expression") is { } text ? Follow(Steps(text)) : null;
    }

    private Kind? Follow(string[] path)
    {
        if (path is ["subscription" or "resourceGroup" or "tenant" or "environment", "()", _, ..])
        {
            return new Kind.Text();
        }

        if (Locals.TryGetValue(path[0], out var local))
        {
            return Down(local.Kind, path[1..]);
        }

        if (File.Parameters?.GetValueOrDefault(path[0]) is { } parameter)
        {
            return Down(Types.Of(File, parameter.Type, parameter.Min, parameter.Max), path[1..]);
        }

        if (File.Modules?.FirstOrDefault(m => m.Symbol == path[0]) is { } module)
        {
            var target = Templates.Resolve(All, File, module.Path);
            var at = Array.IndexOf(path, "outputs");
            return at > 0 && target?.Outputs!.GetValueOrDefault(path[at + 1]) is { } output ? Down(Types.Of(target, output.Type), path[(at + 2)..]) : null;
        }

        // A resource: what every one has, and what its published type gives out. `parent::child` is a resource too.
        if (File.Resources?.Any(r => r.Symbol == path[0]) == true)
        {
            var steps = path[1..].Where(s => s[0] is not ('[' or ':')).ToArray();
            if (steps is [.., "id" or "name"])
            {
                return new Kind.Text();
            }

            var resource = File.Resources.First(r => r.Symbol == path[0]);
            return Facts.TryGetValue($"{resource.Type}@{resource.ApiVersion}", out var shape) ? Down(shape, steps) : null;
        }

        return null;
    }

    private static Kind? Down(Kind? kind, string[] path)
    {
        foreach (var step in path)
        {
            kind = kind switch
            {
                Kind.List list when step[0] == '[' => list.Item,
                Kind.Map map => map.Item,
                Kind.Named named => named.Shape.Properties.GetValueOrDefault(step)?.Kind,
                _ => null,
            };
        }

        return kind;
    }

    private IReadOnlyList<Written>? Look(string name)
    {
        if (Locals.TryGetValue(name, out var local))
        {
            return local.Values;
        }

        var home = File.Variables?.ContainsKey(name) == true ? File
            : File.Imports?.Where(i => i.Names.Contains(name)).Select(i => Templates.Resolve(All, File, i.From)).FirstOrDefault(t => t?.Variables?.ContainsKey(name) == true);
        return home is null ? null : [new Written(home.Variables![name].Value, this with { File = home, Locals = ImmutableDictionary<string, Bound>.Empty })];
    }

    private static IEnumerable<Written> Member(Written value, string[] path)
    {
        if (path.Length == 0)
        {
            return [value];
        }

        if (path[0][0] == '[' && value.Has("array", out var items))
        {
            var elements = items.EnumerateArray().ToArray();
            var chosen = int.TryParse(path[0].Trim('[', ']'), out var n) && n < elements.Length ? [elements[n]] : elements;
            return chosen.SelectMany(e => Member(value.With(e), path[1..]));
        }

        return value.Has("object", out var members) && members.TryGetProperty(path[0], out var member) ? Unfold(value.With(member)).SelectMany(v => Member(v, path[1..])) : [];
    }

    /// <summary><c>a.?b[0].c</c> and <c>a::b</c> as steps: a, b, [0], c and a, ::b.</summary>
    private static string[] Steps(string text) => [.. Regex.Matches(text, @"::\w+|\w+|\(\)|\[[^\]]*\]").Select(m => m.Value)];
}
