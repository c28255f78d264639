using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Notary.Infra.Tests;

/// <summary>
/// Compares what the files write with what it has to be: resources with the published types, parameters and outputs with the
/// types the files declare. Branches, loops, variables, union, concat and map are followed; the rest is in <see cref="NotFollowed"/>.
/// </summary>
public sealed class Checker(IReadOnlyList<Template> all, IReadOnlyDictionary<string, Kind.Named> facts)
{
    private readonly DeclaredTypes types = new(all);

    public List<string> Findings { get; } = [];

    /// <summary>Values whose kind could not be told.</summary>
    public List<string> NotFollowed { get; } = [];

    public void Resources()
    {
        foreach (var file in all.Where(t => t.Resources is not null))
        {
            foreach (var resource in file.Resources!.Where(r => !r.Nested))
            {
                var at = $"{file.Path}: {resource.Symbol}";
                if (!facts.TryGetValue($"{resource.Type}@{resource.ApiVersion}", out var kind))
                {
                    Findings.Add($"{at} is {resource.Type}@{resource.ApiVersion}, of which Types/ says nothing");
                    continue;
                }

                foreach (var body in Bodies(In(file, resource.Body)))
                {
                    if (!resource.Existing)
                    {
                        Object(at, body, kind);
                    }
                    else if (body.Value.GetProperty("object").TryGetProperty("name", out var name))
                    {
                        Check($"{at}.name", body.With(name), kind.Shape.Properties["name"].Kind);
                    }
                }
            }
        }
    }

    public void Modules()
    {
        foreach (var file in all.Where(t => t.Modules is not null))
        {
            foreach (var module in file.Modules!)
            {
                var target = Templates.Resolve(all, file, module.Path);
                foreach (var body in Bodies(In(file, module.Body)).Where(b => target is not null && b.Value.GetProperty("object").TryGetProperty("params", out _)))
                {
                    foreach (var given in body.Value.GetProperty("object").GetProperty("params").GetProperty("object").EnumerateObject())
                    {
                        if (target!.Parameters!.TryGetValue(given.Name, out var parameter))
                        {
                            Check($"{file.Path}: {module.Symbol}.{given.Name}", body.With(given.Value), types.Of(target, parameter.Type, parameter.Min, parameter.Max));
                        }
                    }
                }
            }
        }
    }

    public void Outputs()
    {
        foreach (var (file, name, output) in all.Where(t => t.Outputs is not null).SelectMany(t => t.Outputs!.Select(o => (t, o.Key, o.Value))))
        {
            Check($"{file.Path}: output {name}", In(file, output.Value), types.Of(file, output.Type));
        }
    }

    /// <summary>A parameter file against the file it is for.</summary>
    public void Parameters(Template file, Template main)
    {
        foreach (var (name, value) in file.Values!)
        {
            var parameter = main.Parameters![name];
            Check($"{file.Path}: {name}", In(file, value), types.Of(main, parameter.Type, parameter.Min, parameter.Max));
        }
    }

    private Written In(Template file, JsonElement value) => new(value, new Scope(file, all, types, facts, ImmutableDictionary<string, Bound>.Empty));

    /// <summary>A resource's or module's object, out of its loop.</summary>
    private static IEnumerable<Written> Bodies(Written value) => value.Has("each", out var loop) ? Bodies(Inside(value, loop)) : [value];

    private static Written Inside(Written value, JsonElement loop)
    {
        var names = loop.GetProperty("names").EnumerateArray().Select(n => n.GetString()!).ToArray();
        var body = value.With(loop.GetProperty("body"), names[0], Scope.Element(value.With(loop.GetProperty("over"))));
        return names.Length > 1 ? body.With(body.Value, names[1], new Bound(null, new Kind.Number())) : body;
    }

    private void Check(string at, Written value, Kind kind)
    {
        foreach (var one in Scope.Unfold(value))
        {
            One(at, one, kind);
        }
    }

    private void One(string at, Written value, Kind kind)
    {
        if (kind is Kind.Anything)
        {
            return;
        }

        if (value.Has("literal", out var literal))
        {
            Literal(at, literal.GetString()!, value.Word("kind")!, kind);
        }
        else if (value.Has("object", out _))
        {
            Object(at, value, kind);
        }
        else if (value.Has("array", out var items))
        {
            var item = kind is Kind.List list ? list.Item : Wrong(at, "a list", kind);
            foreach (var (element, i) in items.EnumerateArray().Select((e, i) => (e, i)))
            {
                Check($"{at}[{i}]", value.With(element), item);
            }
        }
        else if (value.Has("each", out var loop))
        {
            Check($"{at}[]", Inside(value, loop), kind is Kind.List list ? list.Item : Wrong(at, "a list", kind));
        }
        else if (!Called(at, value, kind))
        {
            Fit(at, value.Scope.Infer(value), kind, value.Word("expression") ?? "");
        }
    }

    /// <summary>Functions that pass on what they are given.</summary>
    private bool Called(string at, Written value, Kind kind)
    {
        if (value.Word("call") is not { } call)
        {
            return false;
        }

        var args = value.Value.GetProperty("args").EnumerateArray().Select(value.With).ToArray();
        switch (call)
        {
            case "concat":
                foreach (var arg in args)
                {
                    Check(at, arg, kind);
                }

                return true;
            case "filter":
                Check(at, args[0], kind);
                return true;
            case "map" when kind is Kind.List list && args[1].Has("lambda", out var lambda):
                Check($"{at}[]", args[1].With(lambda.GetProperty("body"), lambda.GetProperty("names")[0].GetString()!, Scope.Element(args[0])), list.Item);
                return true;
            case "toObject" when kind is Kind.Map map && args[2].Has("lambda", out var entry):
                Check($"{at}.*", args[2].With(entry.GetProperty("body"), entry.GetProperty("names")[0].GetString()!, Scope.Element(args[0])), map.Item);
                return true;
            case "union" when kind is Kind.Map:
                foreach (var arg in args)
                {
                    Check(at, arg, kind);
                }

                return true;
            case "union" when kind is Kind.Named:
                foreach (var merged in Merge(args))
                {
                    Object(at, merged, kind);
                }

                return true;
            default: return false;
        }
    }

    /// <summary>Every object that a union can come to, by the branches of its parts.</summary>
    private static IEnumerable<Written> Merge(Written[] parts)
    {
        IEnumerable<ImmutableDictionary<string, JsonElement>> merged = [ImmutableDictionary<string, JsonElement>.Empty];
        foreach (var part in parts)
        {
            var choices = Scope.Unfold(part).Select(p => p.Has("object", out var o) ? o.EnumerateObject().ToDictionary(m => m.Name, m => m.Value) : []).ToArray();
            merged = [.. merged.SelectMany(m => choices.Select(m.SetItems))];
        }

        return merged.Select(m => parts[0].With(JsonSerializer.SerializeToElement(new Dictionary<string, object> { ["object"] = m })));
    }

    private void Object(string at, Written value, Kind kind)
    {
        var members = value.Value.GetProperty("object").EnumerateObject().ToDictionary(m => m.Name, m => m.Value, StringComparer.Ordinal);
        if (kind is Kind.Map map)
        {
            foreach (var (name, member) in members)
            {
                Check($"{at}.{name}", value.With(member), map.Item);
            }

            return;
        }

        if (kind is not Kind.Named named)
        {
            Wrong(at, "an object", kind);
            return;
        }

        var shape = named.Shape;
        if (shape.By is { } by)
        {
            if (!members.TryGetValue(by, out var told) || !told.TryGetProperty("literal", out var word))
            {
                Findings.Add($"{at} does not tell its {by}");
                return;
            }

            if (!named.In.TryGetValue($"{named.Name}:{word.GetString()}", out var variant))
            {
                Findings.Add($"{at}.{by} is {word.GetString()}, which {named} does not allow");
                return;
            }

            shape = variant;
        }

        // The language's own.
        foreach (var (name, member) in members.Where(m => !(named.Name.Contains('@', StringComparison.Ordinal) && m.Key is "parent" or "scope" or "dependsOn")))
        {
            if (!shape.Properties.TryGetValue(name, out var property))
            {
                Findings.Add($"{at}.{name} is unknown to {named}");
            }
            else if (property.ReadOnly)
            {
                Findings.Add($"{at}.{name} is read-only in {named}");
            }
            else
            {
                Check($"{at}.{name}", value.With(member), property.Kind);
            }
        }

        Findings.AddRange(shape.Properties.Where(p => p.Value.Required && !members.ContainsKey(p.Key)).Select(p => $"{at} lacks {p.Key}, which {named} demands"));
    }

    private void Literal(string at, string text, string kind, Kind expected)
    {
        var fits = (kind, expected) switch
        {
            ("null", _) => true,
            ("string", Kind.Text t) => text.Length >= (t.Min ?? 0) && text.Length <= (t.Max ?? int.MaxValue) && (t.Pattern is null || Regex.IsMatch(text, t.Pattern)),
            ("int", Kind.Number n) => long.Parse(text, System.Globalization.CultureInfo.InvariantCulture) is var number && number >= (n.Min ?? long.MinValue) && number <= (n.Max ?? long.MaxValue),
            ("string" or "int", Kind.OneOf one) => one.Numbers == (kind == "int") && one.Values.Contains(text),
            ("bool", Kind.Flag) => true,
            _ => false,
        };
        if (!fits)
        {
            Findings.Add($"{at} is {text}, which is no {expected}{(expected is Kind.Text { Pattern: { } pattern } ? $" like {pattern}" : "")}");
        }
    }

    private void Fit(string at, Kind? actual, Kind expected, string text)
    {
        switch (actual, expected)
        {
            case (null, _):
            case (Kind.Text, Kind.OneOf { Numbers: false }):
            case (Kind.Number, Kind.OneOf { Numbers: true }):
                NotFollowed.Add($"{at} = {text}");
                break;
            case (Kind.Anything, _) or (_, Kind.Anything) or (Kind.Flag, Kind.Flag) or (Kind.Text, Kind.Text):
            case (Kind.OneOf { Numbers: false }, Kind.Text) or (Kind.OneOf { Numbers: true }, Kind.Number):
                break;
            case (Kind.Number a, Kind.Number e):
                if (a.Min < e.Min || a.Max > e.Max)
                {
                    Findings.Add($"{at} may be {a.Min}..{a.Max}, which is more than {e.Min}..{e.Max}");
                }

                break;
            case (Kind.OneOf a, Kind.OneOf e) when a.Numbers == e.Numbers:
                Findings.AddRange(a.Values.Except(e.Values).Select(v => $"{at} may be {v}, which is none of {e}"));
                break;
            case (Kind.List a, Kind.List e):
                Fit($"{at}[]", a.Item, e.Item, text);
                break;
            case (Kind.Map a, Kind.Map e):
                Fit($"{at}.*", a.Item, e.Item, text);
                break;
            case (Kind.Named a, Kind.Named e) when a.Name == e.Name && a.In == e.In:
                break;
            default:
                Wrong(at, actual!.ToString()!, expected);
                break;
        }
    }

    private Kind.Anything Wrong(string at, string what, Kind expected)
    {
        Findings.Add($"{at} is {what}, not {expected}");
        return new Kind.Anything();
    }
}
