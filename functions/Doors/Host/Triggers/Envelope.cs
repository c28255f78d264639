using System.Text.Json;
using Notary.Evidence;
using Notary.Host.Http;

namespace Notary.Host.Triggers;

/// <summary>What the Functions host posts for a queue or timer function: <c>{"Data":{…},"Metadata":{…}}</c>.</summary>
internal static class Envelope
{
    /// <summary>Bytes of an envelope: a queue message has at most 64 KiB, encoded twice and repeated in Metadata.</summary>
    private const int MaxBytes = 1024 * 1024;

    // A message that is a string of a string of a string … is an attack, not an encoding.
    private const int MaxUnwraps = 3;

    /// <summary>
    /// The text of a queue message. The host encodes it once as a JSON string inside the JSON string; unwrapped and
    /// object forms are taken too, because its versions differ.
    /// </summary>
    /// <exception cref="FaultException">Malformed when there is no such thing.</exception>
    public static async Task<string> QueueTextAsync(HttpRequest request, string binding, CancellationToken cancel)
    {
        using var envelope = await ReadAsync(request, cancel);
        var value = Data(envelope, binding);
        return value.ValueKind == JsonValueKind.String ? Unwrap(value.GetString()!) : value.GetRawText();
    }

    /// <summary>Whether a timer's run is late.</summary>
    public static async Task<bool> IsPastDueAsync(HttpRequest request, string binding, CancellationToken cancel)
    {
        using var envelope = await ReadAsync(request, cancel);
        var value = Data(envelope, binding);
        if (value.ValueKind == JsonValueKind.String)
        {
            using var inner = Parse(value.GetString()!);
            return PastDue(inner.RootElement);
        }

        return PastDue(value);

        static bool PastDue(JsonElement timer)
            => timer.ValueKind == JsonValueKind.Object
                ? timer.TryGetProperty("IsPastDue", out var late) && late.ValueKind == JsonValueKind.True
                : throw Bad();
    }

    /// <summary>Removes string literals around <paramref name="text"/> until something else is left.</summary>
    private static string Unwrap(string text)
    {
        for (var i = 0; i < MaxUnwraps && text is ['"', .., '"']; i++)
        {
            try
            {
                text = JsonSerializer.Deserialize<string>(text) ?? text;
            }
            catch (JsonException)
            {
                return text;
            }
        }

        return text;
    }

    private static async Task<JsonDocument> ReadAsync(HttpRequest request, CancellationToken cancel)
    {
        var bytes = await StrictJson.ReadBytesAsync(request, MaxBytes, cancel);
        return Parse(System.Text.Encoding.UTF8.GetString(bytes));
    }

    private static JsonDocument Parse(string json)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException e)
        {
            throw new FaultException(Fault.Malformed, "the envelope is not JSON", e);
        }
    }

    private static JsonElement Data(JsonDocument envelope, string binding)
        => envelope.RootElement is { ValueKind: JsonValueKind.Object } root
            && root.TryGetProperty("Data", out var data) && data.ValueKind == JsonValueKind.Object
            && data.TryGetProperty(binding, out var value)
            && value.ValueKind is JsonValueKind.String or JsonValueKind.Object or JsonValueKind.Array
            ? value
            : throw Bad();

    private static FaultException Bad() => new(Fault.Malformed, "the envelope has no such binding");
}
