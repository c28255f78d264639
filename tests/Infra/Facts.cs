using System.Text.RegularExpressions;
using Notary.Servers;

namespace Notary.Infra.Tests;

/// <summary>
/// The facts in Types/: of each published resource type the properties these files set, those it demands beside them and
/// those it only gives out. A name at the margin is a shape or a type with its version; two spaces in, its properties:
/// <c>name</c>, <c>name!</c> required, <c>name-</c> read-only, then the kind: <c>string 3..24 /pattern/</c>, <c>int 1..365</c>,
/// <c>bool</c>, <c>any</c>, <c>=A|B</c>, <c>{kind}</c> for a map, a shape's name; <c>[]</c> behind it makes a list.
/// </summary>
public static class Facts
{
    private static readonly Lazy<IReadOnlyDictionary<string, Kind.Named>> Files = new(() =>
        Directory.GetFiles(Path.Combine(Repository.Root, "tests", "Infra", "Types"), "*.txt").Order(StringComparer.Ordinal)
            .SelectMany(f => Types(Read(File.ReadAllLines(f)))).ToDictionary(t => t.Name, StringComparer.Ordinal));

    /// <summary>Shapes of resources by <c>type@version</c>.</summary>
    public static IReadOnlyDictionary<string, Kind.Named> All => Files.Value;

    public static IEnumerable<Kind.Named> Types(IReadOnlyDictionary<string, Shape> shapes) => shapes.Keys.Where(k => k.Contains('@', StringComparison.Ordinal)).Select(k => new Kind.Named(k, shapes));

    public static IReadOnlyDictionary<string, Shape> Read(IEnumerable<string> lines)
    {
        var shapes = new Dictionary<string, Shape>(StringComparer.Ordinal);
        Shape? shape = null;
        foreach (var line in lines.Where(l => l.Length > 0 && l[0] != '#'))
        {
            if (line[0] != ' ')
            {
                var words = line.Split(' ');
                shapes.Add(words[0], shape = new Shape(words[0], words.Length == 3 && words[1] == "by" ? words[2] : null, []));
                continue;
            }

            var property = Regex.Match(line, @"^  (\S+?)([!-]?)(?: (.+))?$");
            shape!.Properties.Add(property.Groups[1].Value, new Property(Parse(property.Groups[3].Value, shapes), property.Groups[2].Value == "!", property.Groups[2].Value == "-"));
        }

        return shapes;
    }

    private static Kind Parse(string text, Dictionary<string, Shape> shapes)
    {
        if (text.EndsWith("[]", StringComparison.Ordinal))
        {
            return new Kind.List(Parse(text[..^2], shapes));
        }

        if (text.StartsWith('='))
        {
            return new Kind.OneOf(text[1..].Split('|'), Numbers: false);
        }

        if (text.StartsWith('{'))
        {
            return new Kind.Map(Parse(text[1..^1], shapes));
        }

        var simple = Regex.Match(text, @"^(string|int|bool|any)?(?: (-?\d+)\.\.(\d+)?)?(?: /(.+)/)?$");
        if (!simple.Success)
        {
            return new Kind.Named(text, shapes);
        }

        var (min, max) = (Long(simple.Groups[2]), Long(simple.Groups[3]));
        return simple.Groups[1].Value switch
        {
            "string" => new Kind.Text(min, max, simple.Groups[4].Success ? simple.Groups[4].Value : null),
            "int" => new Kind.Number(min, max),
            "bool" => new Kind.Flag(),
            _ => new Kind.Anything(),
        };
    }

    private static long? Long(Group group) => group.Success ? long.Parse(group.Value, System.Globalization.CultureInfo.InvariantCulture) : null;
}
