namespace Notary.Infra.Tests;

/// <summary>The types of parameters and outputs, as the files declare them.</summary>
public sealed class DeclaredTypes(IReadOnlyList<Template> all)
{
    private readonly Dictionary<string, Dictionary<string, Shape>> shapes = new(StringComparer.Ordinal);

    /// <summary>The kind that <paramref name="text"/> means in <paramref name="file"/>.</summary>
    public Kind Of(Template file, string text, long? min = null, long? max = null)
    {
        text = text.Trim().TrimEnd('?');
        if (text.StartsWith('(') && text.EndsWith(')'))
        {
            return Of(file, text[1..^1], min, max);
        }

        if (text.EndsWith("[]", StringComparison.Ordinal))
        {
            return new Kind.List(Of(file, text[..^2]));
        }

        if (text.Contains('|', StringComparison.Ordinal) || text.StartsWith('\''))
        {
            return new Kind.OneOf([.. text.Split('|').Select(v => v.Trim().Trim('\''))], Numbers: !text.Contains('\'', StringComparison.Ordinal));
        }

        return text switch
        {
            "string" => new Kind.Text(min, max),
            "int" => new Kind.Number(min, max),
            "bool" => new Kind.Flag(),
            _ => Declared(file, text),
        };
    }

    private Kind Declared(Template file, string name)
    {
        var home = file.Types!.ContainsKey(name) ? file : file.Imports!.Where(i => i.Names.Contains(name)).Select(i => Templates.Resolve(all, file, i.From)).FirstOrDefault();
        if (home?.Types?.GetValueOrDefault(name) is not { } type)
        {
            return new Kind.Anything();
        }

        if (type.Members is not { } members)
        {
            return Of(home, type.Text[(type.Text.IndexOf('=', StringComparison.Ordinal) + 1)..]);
        }

        if (type.Any)
        {
            return new Kind.Map(new Kind.Text());
        }

        var known = shapes.TryGetValue(home.Path, out var found) ? found : shapes[home.Path] = new(StringComparer.Ordinal);
        if (!known.ContainsKey(name))
        {
            var shape = known[name] = new Shape(name, null, []);
            foreach (var (member, m) in members)
            {
                shape.Properties[member] = new Property(Of(home, m.Type, m.Min, m.Max), !m.Optional, ReadOnly: false);
            }
        }

        return new Kind.Named(name, known);
    }
}
