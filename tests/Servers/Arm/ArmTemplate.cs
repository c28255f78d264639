namespace Notary.Servers.Arm;

/// <summary>A compiled template with its parameters, evaluated as far as session-host.bicep needs it (ARM template syntax, languageVersion 2.0).</summary>
internal sealed class ArmTemplate
{
    private readonly JsonObject template;
    private readonly string group;
    private readonly string location;
    private readonly Dictionary<string, JsonNode?> parameters = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="template">As it came.</param>
    /// <param name="given">Parameters with their values.</param>
    /// <param name="group">Id of the resource group.</param>
    /// <param name="location">Of the resource group.</param>
    /// <exception cref="ArgumentException">What the service would refuse before it begins.</exception>
    public ArmTemplate(JsonObject template, JsonObject given, string group, string location)
    {
        (this.template, this.group, this.location) = (template, group, location);
        if ((string?)template["languageVersion"] != "2.0" || template["resources"] is not JsonObject)
            throw new ArgumentException("no template of language version 2.0");

        var known = template["parameters"]!.AsObject();
        foreach (var (name, _) in given)
            _ = known[name] ?? throw new ArgumentException($"the template has no parameter {name}");

        foreach (var (name, shape) in known)
        {
            var value = given[name] is JsonObject said ? said["value"] : shape!["defaultValue"] is { } common ? Evaluate(common)
                : throw new ArgumentException($"the parameter {name} has no value");
            var length = (value as JsonValue)?.GetValueKind() == JsonValueKind.String ? ((string)value!).Length : 0;
            if (length < ((int?)shape!["minLength"] ?? 0) || length > ((int?)shape["maxLength"] ?? int.MaxValue))
                throw new ArgumentException($"the parameter {name} is too short or too long");

            parameters[name] = value?.DeepClone();
        }
    }

    /// <summary>Its resources, evaluated, in an order in which each comes after what it depends on.</summary>
    public IEnumerable<JsonObject> Resources()
    {
        var left = template["resources"]!.AsObject().ToDictionary(r => r.Key, r => r.Value!.AsObject());
        while (left.Count > 0)
        {
            var (name, next) = left.First(r => r.Value["dependsOn"] is not JsonArray on || !on.Any(d => left.ContainsKey((string)d!)));
            left.Remove(name);
            if (next["condition"] is not { } condition || (bool)Evaluate(condition)!)
                yield return Evaluate(next)!.AsObject();
        }
    }

    /// <summary>A value in which every text in brackets is computed.</summary>
    private JsonNode? Evaluate(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.Select(m => KeyValuePair.Create(m.Key, Evaluate(m.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Evaluate)]),
        JsonValue value when value.GetValueKind() == JsonValueKind.String && (string)value! is ['[', not '[', ..] text => new Reader(this, text[1..^1]).Whole(),
        _ => node?.DeepClone(),
    };

    private JsonNode? Call(string name, JsonNode?[] with)
    {
        string Text(int at) => with[at]?.GetValueKind() == JsonValueKind.String ? (string)with[at]! : with[at]?.ToJsonString() ?? "";
        string Id(string root)
            => $"{root}/providers/{Text(0).Split('/')[0]}" + string.Concat(Text(0).Split('/').Skip(1).Select((type, i) => $"/{type}/{Text(i + 1)}"));

        return name switch
        {
            "parameters" => parameters[Text(0)]?.DeepClone(),
            "variables" => Evaluate(template["variables"]![Text(0)]),
            "format" => string.Format(CultureInfo.InvariantCulture, Text(0), [.. with.Skip(1).Select((_, i) => Text(i + 1))]),
            "createObject" => new JsonObject(
                Enumerable.Range(0, with.Length / 2).Select(i => KeyValuePair.Create(Text(2 * i), with[(2 * i) + 1]?.DeepClone()))),
            "union" => new JsonObject(
                with.SelectMany(w => w!.AsObject()).GroupBy(m => m.Key).Select(g => KeyValuePair.Create(g.Key, g.Last().Value?.DeepClone()))),
            "if" => ((bool)with[0]! ? with[1] : with[2])?.DeepClone(),
            "not" => !(bool)with[0]!,
            "empty" => Text(0).Length == 0,
            "take" => Text(0)[..Math.Min(Text(0).Length, (int)with[1]!)],
            "resourceId" => Id(group),
            "subscriptionResourceId" => Id(group[..group.IndexOf("/resourceGroups", StringComparison.Ordinal)]),
            "resourceGroup" => new JsonObject { ["location"] = location, ["id"] = group },
            "guid" => new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('-', with.Select((_, i) => Text(i)))))[..16]).ToString(),
            "newGuid" => Guid.NewGuid().ToString(),
            "uniqueString" => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('-', with.Select((_, i) => Text(i))))))[..13],
            _ => throw new ArgumentException($"the template's function {name} is not known here"),
        };
    }

    /// <summary>One expression: calls, texts in apostrophes, numbers, members.</summary>
    private sealed class Reader(ArmTemplate owner, string text)
    {
        private int at;

        public JsonNode? Whole()
        {
            var value = Next();
            return at == text.Length ? value : throw new ArgumentException($"{text} goes on at {at}");
        }

        private JsonNode? Next()
        {
            JsonNode? value;
            if (text[at] == '\'')
            {
                var said = new StringBuilder();
                for (at++; text[at] != '\'' || (at + 1 < text.Length && text[at + 1] == '\''); at++)
                    said.Append(text[at] == '\'' ? text[at++] : text[at]);

                at++;
                value = said.ToString();
            }
            else if (char.IsAsciiDigit(text[at]))
            {
                value = int.Parse(Word(), CultureInfo.InvariantCulture);
            }
            else
            {
                var name = Word();
                var with = new List<JsonNode?>();
                for (at++; text[at] != ')'; at += text[at] == ',' ? 1 : 0)
                {
                    Blank();
                    with.Add(Next());
                    Blank();
                }

                at++;
                value = owner.Call(name, [.. with]);
            }

            while (at < text.Length && text[at] == '.')
            {
                at++;
                value = value![Word()]?.DeepClone();
            }

            return value;
        }

        private string Word()
        {
            var from = at;
            while (at < text.Length && char.IsAsciiLetterOrDigit(text[at]))
                at++;

            return text[from..at];
        }

        private void Blank()
        {
            while (text[at] == ' ')
                at++;
        }
    }
}
