using System.Globalization;
using System.Text.Json;
using Azure;

namespace Notary.Storage;

/// <summary>Rows as OData JSON (light): a property whose type JSON cannot tell gets an <c>@odata.type</c> neighbour.</summary>
internal static class TableJson
{
    private const string TypeSuffix = "@odata.type";

    /// <summary>One line of ASCII, whatever the values hold: the body also travels inside a MIME part of a transaction.</summary>
    public static byte[] Write(TableEntity entity)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString(TableEntity.PartitionKeyName, entity.PartitionKey);
            json.WriteString(TableEntity.RowKeyName, entity.RowKey);
            foreach (var (name, value) in entity)
            {
                WriteProperty(json, name, value);
            }

            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    /// <summary>One entity of an answer with minimal metadata.</summary>
    public static TableEntity Read(JsonElement row)
    {
        var entity = new TableEntity(Key(row, TableEntity.PartitionKeyName), Key(row, TableEntity.RowKeyName));
        foreach (var property in row.EnumerateObject())
        {
            if (property.NameEquals("odata.etag"))
            {
                entity.ETag = new ETag(property.Value.GetString()!);
            }
            else if (property.NameEquals(TableEntity.TimestampName))
            {
                entity.Timestamp = Time(property.Value.GetString()!);
            }
            else if (!property.Name.StartsWith("odata.", StringComparison.Ordinal)
                && !property.Name.EndsWith(TypeSuffix, StringComparison.Ordinal)
                && property.Name is not (TableEntity.PartitionKeyName or TableEntity.RowKeyName))
            {
                var type = row.TryGetProperty(property.Name + TypeSuffix, out var named) ? named.GetString() : null;
                entity[property.Name] = ReadValue(property.Value, type);
            }
        }

        return entity;
    }

    private static string Key(JsonElement row, string name)
        => row.TryGetProperty(name, out var value) ? value.GetString()! : throw new JsonException($"the service left out {name}");

    private static void WriteProperty(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null:
                return;
            case string text:
                json.WriteString(name, text);
                return;
            case bool flag:
                json.WriteBoolean(name, flag);
                return;
            case int number:
                json.WriteNumber(name, number);
                return;
            case long number:
                WriteTyped(json, name, "Edm.Int64", number.ToString(CultureInfo.InvariantCulture));
                return;
            case double number:
                json.WriteString(name + TypeSuffix, "Edm.Double");
                WriteDouble(json, name, number);
                return;
            case DateTimeOffset time:
                WriteTyped(json, name, "Edm.DateTime", time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture));
                return;
            case Guid guid:
                WriteTyped(json, name, "Edm.Guid", guid.ToString("D"));
                return;
            case byte[] bytes:
                json.WriteString(name + TypeSuffix, "Edm.Binary");
                json.WriteBase64String(name, bytes);
                return;
            default:
                throw new InvalidOperationException($"unhandled {value.GetType().Name}");
        }
    }

    private static void WriteTyped(Utf8JsonWriter json, string name, string type, string value)
    {
        json.WriteString(name + TypeSuffix, type);
        json.WriteString(name, value);
    }

    private static void WriteDouble(Utf8JsonWriter json, string name, double number)
    {
        if (double.IsFinite(number))
        {
            json.WriteNumber(name, number);
        }
        else
        {
            // JSON has no such numbers; OData spells them (NaN, Infinity, -Infinity).
            json.WriteString(name, double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
        }
    }

    private static object? ReadValue(JsonElement value, string? type)
        => (type, value.ValueKind) switch
        {
            (_, JsonValueKind.Null) => null,
            (_, JsonValueKind.True or JsonValueKind.False) => value.GetBoolean(),
            ("Edm.Int64", _) => long.Parse(value.GetString()!, CultureInfo.InvariantCulture),
            ("Edm.Double", JsonValueKind.String) => value.GetString() switch
            {
                "NaN" => double.NaN,
                "Infinity" => double.PositiveInfinity,
                "-Infinity" => double.NegativeInfinity,
                var other => double.Parse(other!, CultureInfo.InvariantCulture),
            },
            ("Edm.Double", _) => value.GetDouble(),
            ("Edm.DateTime", _) => Time(value.GetString()!),
            ("Edm.Guid", _) => value.GetGuid(),
            ("Edm.Binary", _) => value.GetBytesFromBase64(),
            (_, JsonValueKind.String) => value.GetString(),
            // Minimal metadata leaves the type out where the digits tell: 1 is an Int32, 1.0 a Double.
            (_, JsonValueKind.Number) when value.TryGetInt32(out var number) => number,
            (_, JsonValueKind.Number) => value.GetDouble(),
            _ => throw new JsonException($"a table property of kind {value.ValueKind}"),
        };

    private static DateTimeOffset Time(string text)
        => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
}
