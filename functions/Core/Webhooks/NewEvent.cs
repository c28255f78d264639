using System.Text.Encodings.Web;

namespace Notary.Webhooks;

/// <summary>Something that happened to a tenant's things.</summary>
/// <param name="Type">Of <see cref="EventTypes"/>.</param>
/// <param name="Subject">What it happened to: an id, never a name.</param>
/// <param name="Time">When, by the row that says so.</param>
/// <param name="Instance">Tells one happening from another of the same type and subject; empty where there is one only.</param>
/// <param name="Data">Ids, states, numbers and codes: bodies lie at others' places, in logs and in queues.</param>
public sealed record NewEvent(string Type, string Subject, DateTimeOffset Time, string Instance, IReadOnlyDictionary<string, object> Data)
{
    private const string IdPrefix = "evt_";
    private const int IdDigits = 32;

    // What it is joined with is signed by dots (Standard Webhooks): an id has none.
    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");

    /// <summary>The event's id: a function of what happened, so that whoever tells it again tells the same.</summary>
    public string Id(string tenant)
        => IdPrefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            string.Join('\n', "notary-event/1", tenant, Type, Subject, Instance))))[..IdDigits];

    /// <summary>Whether a text could be an event's id.</summary>
    public static bool IsId(string text)
        => text.Length == IdPrefix.Length + IdDigits && text.StartsWith(IdPrefix, StringComparison.Ordinal)
            && !text.AsSpan(IdPrefix.Length).ContainsAnyExcept(Hex);

    /// <summary>The body: CloudEvents 1.0, JSON in structured mode. Its bytes are what is signed and kept.</summary>
    public byte[] Body(string tenant, Uri source)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("specversion", "1.0");
            json.WriteString("id", Id(tenant));
            json.WriteString("source", source.AbsoluteUri);
            json.WriteString("type", Type);
            json.WriteString("subject", Subject);
            json.WriteString("time", Time.UtcDateTime);
            json.WriteString("datacontenttype", "application/json");
            json.WritePropertyName("data");
            JsonSerializer.Serialize(json, Data);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
