using System.Text.Json;

namespace Notary.Deposits;

/// <summary>The 201 body. A pure function of the row's fixed columns, so a replay is equal byte for byte.</summary>
internal static class Receipt
{
    public static byte[] Write(DepositRow row)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("format", "notary-receipt/1");
            json.WriteString("id", row.Id.ToString());
            json.WriteString("state", "Received");
            json.WriteString("manifestDigest", row.Leaf.ToString());
            json.WritePropertyName("manifest");
            json.WriteRawValue(row.ManifestBytes);
            json.WriteStartObject("promise");
            json.WriteString("timestampedBy", Rfc3339(row.TimestampedBy));
            json.WriteString("anchoredBy", Rfc3339(row.AnchoredBy));
            json.WriteEndObject();
            json.WriteString("self", $"/v1/deposits/{row.Id}");
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    public static string Rfc3339(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
