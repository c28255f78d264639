namespace Notary.Infra.Tests;

/// <summary>What can be found wrong in Bicep files without a compiler. Each rule names file and place; an empty list is a pass.</summary>
public static class Rules
{
    /// <summary>Functions of the language that these files call; anything else is a mistake or a deliberate addition here.</summary>
    private static readonly HashSet<string> Functions =
    [
        "any", "cidrHost", "cidrSubnet", "concat", "description", "empty", "environment", "export", "filter", "guid", "int", "join", "length", "loadTextContent", "map",
        "maxLength", "maxValue", "minLength", "minValue", "newGuid", "range", "replace", "resourceGroup", "resourceId", "secure", "split", "string", "subscription",
        "subscriptionResourceId", "take", "tenant", "toLower", "toObject", "toUpper", "union", "uniqueString", "utcNow",
    ];

    public static IEnumerable<string> Syntax(IReadOnlyList<Template> all)
        => all.SelectMany(t => t.Errors.Select(e => $"{t.Path}:{e.Line}:{e.Column} does not parse at: {e.Text}"));

    /// <summary>Modules and imports exist; modules get every required parameter and no unknown one; outputs that are read exist.</summary>
    public static IEnumerable<string> References(IReadOnlyList<Template> all)
    {
        foreach (var t in Bicep(all))
        {
            foreach (var import in t.Imports!)
            {
                var from = Templates.Resolve(all, t, import.From);
                foreach (var name in import.Names.Where(n => from is null || !Exports(from).Contains(n)))
                {
                    yield return $"{t.Path}: {import.From} does not export {name}";
                }
            }

            foreach (var module in t.Modules!)
            {
                if (Templates.Resolve(all, t, module.Path) is not { } target)
                {
                    yield return $"{t.Path}: module {module.Symbol} names {module.Path}, which is not there";
                    continue;
                }

                foreach (var unknown in module.Params.Keys.Except(target.Parameters!.Keys))
                {
                    yield return $"{t.Path}: module {module.Symbol} passes {unknown}, which {target.Path} does not take";
                }

                foreach (var missing in target.Parameters.Where(p => p.Value.Required).Select(p => p.Key).Except(module.Params.Keys))
                {
                    yield return $"{t.Path}: module {module.Symbol} does not pass {missing}, which {target.Path} needs";
                }

                if (target.Scope != (module.Scope is null ? t.Scope : "resourceGroup"))
                {
                    yield return $"{t.Path}: module {module.Symbol} is deployed to another scope than {target.Path} is written for";
                }
            }

            foreach (var read in t.ModuleOutputs!)
            {
                var module = t.Modules!.SingleOrDefault(m => m.Symbol == read.Module);
                if (module is null || Templates.Resolve(all, t, module.Path)?.Outputs?.ContainsKey(read.Output) != true)
                {
                    yield return $"{t.Path}:{read.Line} reads {read.Module}.outputs.{read.Output}, which is not there";
                }
            }
        }
    }

    /// <summary>Every name is declared, every declaration used.</summary>
    public static IEnumerable<string> NamesUsed(IReadOnlyList<Template> all)
    {
        foreach (var t in Bicep(all))
        {
            var declared = Declared(t);
            var known = declared.Concat(t.Types!.Keys).Concat(t.Resources!.Select(r => r.Symbol)).Concat(t.Modules!.Select(m => m.Symbol))
                .Concat(t.Parameters!.Keys).Concat(t.Locals!).ToHashSet(StringComparer.Ordinal);
            foreach (var use in t.Used!.Where(u => !known.Contains(u.Name)))
            {
                yield return $"{t.Path}:{use.Line} uses {use.Name}, which is not declared";
            }

            foreach (var call in t.Calls!.Where(c => !Functions.Contains(c)).Distinct(StringComparer.Ordinal))
            {
                yield return $"{t.Path} calls {call}, which is not on the list of known functions";
            }

            var used = t.Used!.Select(u => u.Name).ToHashSet(StringComparer.Ordinal);
            foreach (var idle in t.Parameters.Keys.Concat(declared).Where(n => !used.Contains(n)))
            {
                yield return $"{t.Path}: {idle} is not used";
            }

            // A nested existing resource is used through its parent: parent::child.
            foreach (var idle in t.Resources!.Where(r => r.Existing && !used.Contains(r.Symbol) && !t.Resources!.Any(o => o.Text.Contains("::" + r.Symbol, StringComparison.Ordinal)) && !Text(t).Contains("::" + r.Symbol, StringComparison.Ordinal)))
            {
                yield return $"{t.Path}: existing resource {idle.Symbol} is not used";
            }
        }

        foreach (var (t, name) in Bicep(all).SelectMany(t => t.Outputs!.Keys.Select(o => (t, o))))
        {
            // The outputs of what an operator deploys are for the operator; a module's are for whoever calls it.
            if (t.Path.StartsWith("modules/", StringComparison.Ordinal)
                && !Bicep(all).Any(u => u.ModuleOutputs!.Any(o => o.Output == name && u.Modules!.Any(m => m.Symbol == o.Module && Templates.Resolve(all, u, m.Path) == t))))
            {
                yield return $"{t.Path}: output {name} is read by nobody";
            }
        }
    }

    public static IEnumerable<string> Secrets(IReadOnlyList<Template> all)
    {
        string[] words = ["password", "secret", "token", "connectionstring", "recorderkey", "accountkey", "sas"];
        foreach (var t in Bicep(all))
        {
            foreach (var (name, output) in t.Outputs!.Where(o => !o.Value.Secure))
            {
                if (words.Any(w => name.Contains(w, StringComparison.OrdinalIgnoreCase)) || output.Calls.Any(c => c.Split('.')[^1].StartsWith("list", StringComparison.Ordinal))
                    || t.Parameters!.Any(p => p.Value.Secure && Mentions(output.Text, p.Key)))
                {
                    yield return $"{t.Path}: output {name} shows a secret";
                }
            }

            foreach (var (name, parameter) in t.Parameters!)
            {
                if (!parameter.Secure && words.Any(w => name.Contains(w, StringComparison.OrdinalIgnoreCase)))
                {
                    yield return $"{t.Path}: parameter {name} sounds like a secret and is not @secure()";
                }

                if (parameter is { Secure: true, Value: { } value } && !value.Contains("newGuid()", StringComparison.Ordinal))
                {
                    yield return $"{t.Path}: the secret {name} has a default that is written down";
                }
            }

            // A secret that a module is given must stay one inside it.
            foreach (var module in t.Modules!)
            {
                foreach (var (name, value) in module.Params)
                {
                    if (t.Parameters!.Any(p => p.Value.Secure && Mentions(value, p.Key)) && Templates.Resolve(all, t, module.Path)?.Parameters?[name].Secure == false)
                    {
                        yield return $"{t.Path}: module {module.Symbol} gets the secret {name} as plain text";
                    }
                }
            }

            foreach (var call in t.Calls!.Where(c => c.Split('.')[^1].StartsWith("list", StringComparison.Ordinal)))
            {
                yield return $"{t.Path}: {call} reads a key";
            }

            // The registration token and the recorder's key may stand in protected settings only.
            foreach (var resource in t.Resources!.Where(r => Mentions(r.Text, "protectedCommand") && !r.Text.Contains("protectedSettings: { commandToExecute: protectedCommand }", StringComparison.Ordinal)))
            {
                yield return $"{t.Path}: {resource.Symbol} shows the protected command";
            }
        }
    }

    public static IEnumerable<string> Descriptions(IReadOnlyList<Template> all)
    {
        foreach (var t in Bicep(all))
        {
            foreach (var name in t.Parameters!.Where(p => !p.Value.Described).Select(p => p.Key)
                .Concat(t.Outputs!.Where(o => !o.Value.Described).Select(o => o.Key))
                .Concat(t.Types!.Where(x => !x.Value.Described).Select(x => x.Key))
                .Concat(t.Variables!.Where(v => v.Value.Exported && !v.Value.Described).Select(v => v.Key)))
            {
                yield return $"{t.Path}: {name} has no description";
            }

            foreach (var (name, parameter) in t.Parameters!.Where(p => p.Value.Type.TrimEnd('?', '[', ']') is "object" or "array"))
            {
                yield return $"{t.Path}: {name} is of type {parameter.Type}, which says nothing";
            }
        }
    }

    private static IEnumerable<Template> Bicep(IReadOnlyList<Template> all) => all.Where(t => t.Parameters is not null);

    private static string Text(Template t) => string.Concat(t.Outputs!.Values.Select(o => o.Text));

    private static HashSet<string> Declared(Template t)
        => t.Variables!.Where(v => !v.Value.Exported).Select(v => v.Key).Concat(t.Imports!.SelectMany(i => i.Names)).ToHashSet(StringComparer.Ordinal);

    private static HashSet<string> Exports(Template t)
        => t.Types!.Where(x => x.Value.Exported).Select(x => x.Key).Concat(t.Variables!.Where(v => v.Value.Exported).Select(v => v.Key)).ToHashSet(StringComparer.Ordinal);

    private static bool Mentions(string text, string name) => System.Text.RegularExpressions.Regex.IsMatch(text, $@"\b{name}\b");
}
