using Azure.Bicep.Types.Az;
using Azure.Bicep.Types.Concrete;
using Azure.Bicep.Types.Index;

namespace Notary.Infra.Tests;

/// <summary>Holds resources against the published types, reading an enumeration that is open as closed: the compiler lets any other word pass.</summary>
internal static class Strict
{
    private static readonly AzTypeLoader Loader = new();

    // A list that ended years ago: every size in use today is beyond it.
    private const string MachineSizes = "Microsoft.Compute/virtualMachines.properties.hardwareProfile.vmSize";

    public static TypeIndex Index { get; } = Loader.LoadTypeIndex();

    // Members that every resource has and no published body lists as written.
    private static readonly string[] Own = ["id", "type", "apiVersion", "name"];

    /// <summary>What a resource says that its type does not, or the other way round; the place comes first.</summary>
    public static IEnumerable<string> Findings(Part resource)
    {
        var type = resource.Type;
        if (!Index.Resources.TryGetValue($"{type}@{resource["apiVersion"]}", out var found))
            return [$"{type}@{resource["apiVersion"]} is not published"];

        var written = resource.Json!.DeepClone().AsObject();

        // `account/default` is the child `default`, and only the child's name tells some types apart.
        written["name"] = resource.Name.Split('/')[^1];
        return Check(written, Loader.LoadResourceType(found).Body.Type, type).Where(f => !Own.Any(o => f.StartsWith($"{type}.{o} ", StringComparison.Ordinal)));
    }

    private static IEnumerable<string> Check(JsonNode? value, TypeBase type, string path) => (value, type) switch
    {
        (null, _) or (_, AnyType) => [],
        (JsonValue v, _) when IsExpression(v) => [],
        (JsonObject o, ObjectType t) => Members(o, t.Properties, t.AdditionalProperties?.Type, path),
        (JsonObject o, DiscriminatedObjectType t) => Chosen(o, t, path),
        (JsonArray a, ArrayType t)
            => Bounds(a.Count, t.MinLength, t.MaxLength, path).Concat(a.SelectMany((item, i) => Check(item, t.ItemType.Type, $"{path}[{i}]"))),
        (_, UnionType t) => Union(value, [.. t.Elements.Select(e => e.Type)], path),
        (JsonValue v, StringLiteralType t) when v.GetValueKind() == JsonValueKind.String => v.ToString() == t.Value ? [] : [$"{path} is {v}, not {t.Value}"],
        (JsonValue v, StringType t) when v.GetValueKind() == JsonValueKind.String => String(v.GetValue<string>(), t, path),
        (JsonValue v, IntegerType t) when v.GetValueKind() == JsonValueKind.Number => Bounds(v.GetValue<long>(), t.MinValue, t.MaxValue, path),
        (JsonValue v, BooleanType) when v.GetValueKind() is JsonValueKind.True or JsonValueKind.False => [],
        (JsonValue v, BuiltInType) => [$"{path}: a kind of type that is not read here"],
        _ => [$"{path} is {value!.GetValueKind()}, not {type.GetType().Name}"],
    };

    private static IEnumerable<string> Members(JsonObject o, IReadOnlyDictionary<string, ObjectTypeProperty> known, TypeBase? others, string path)
        => o.SelectMany(m => known.TryGetValue(m.Key, out var property)
                ? property.Flags.HasFlag(ObjectTypePropertyFlags.ReadOnly) ? [$"{path}.{m.Key} is read-only"]
                    : Check(m.Value, property.Type.Type, $"{path}.{m.Key}")
                : others is null ? [$"{path}.{m.Key} is unknown"] : Check(m.Value, others, $"{path}.{m.Key}"))
            .Concat(known.Where(p => p.Value.Flags.HasFlag(ObjectTypePropertyFlags.Required) && o[p.Key] is null).Select(p => $"{path} lacks {p.Key}"));

    private static IEnumerable<string> Chosen(JsonObject o, DiscriminatedObjectType type, string path)
    {
        var word = o[type.Discriminator]?.ToString() ?? "";
        return type.Elements.TryGetValue(word, out var element) && element.Type is ObjectType chosen
            ? Members(o, chosen.Properties.Concat(type.BaseProperties.Where(p => !chosen.Properties.ContainsKey(p.Key))).ToDictionary(p => p.Key, p => p.Value),
                chosen.AdditionalProperties?.Type, path)
            : [$"{path}.{type.Discriminator} is {word}, not one of {string.Join(", ", type.Elements.Keys)}"];
    }

    // An open enumeration is a union of its words and `string`: with words there, any other text is a finding.
    private static IEnumerable<string> Union(JsonNode value, TypeBase[] elements, string path)
    {
        var words = elements.OfType<StringLiteralType>().Select(l => l.Value).ToArray();
        return words.Length > 0 && path != MachineSizes && value.GetValueKind() == JsonValueKind.String
            ? words.Contains(value.GetValue<string>(), StringComparer.Ordinal) ? [] : [$"{path} is {value}, not one of {string.Join(", ", words)}"]
            : elements.Any(e => !Check(value, e, path).Any()) ? [] : [$"{path} is none of what it may be"];
    }

    private static IEnumerable<string> String(string text, StringType type, string path)
        => type.Pattern is { } pattern && !Regex.IsMatch(text, pattern) ? [$"{path} is {text}, not like {pattern}"]
            : Bounds(text.Length, type.MinLength, type.MaxLength, path);

    private static IEnumerable<string> Bounds(long value, long? least, long? most, string path)
        => value < least || value > most ? [$"{path} is or has {value}, not {least}..{most}"] : [];

    private static bool IsExpression(JsonValue value)
        => value.GetValueKind() == JsonValueKind.String && value.GetValue<string>() is ['[', not '[', ..] text && text.EndsWith(']');
}
