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

    /// <summary>The receipts of a bulk request, each as if it had been sent alone. Written as they are made:
    /// together they outgrow what a request should hold.</summary>
    public static async Task WriteAsync(IReadOnlyList<DepositRow> rows, Stream output, CancellationToken cancel)
    {
        var buffer = new ArrayBufferWriter<byte>(FlushBytes * 2);
        buffer.Write(Encoding.UTF8.GetBytes($"{{\"format\":\"notary-bulk-receipt/1\",\"count\":{rows.Count},\"receipts\":["));
        for (var i = 0; i < rows.Count; i++)
        {
            buffer.Write(i > 0 ? ","u8 : ""u8);
            buffer.Write(Write(rows[i]));
            if (buffer.WrittenCount >= FlushBytes)
            {
                await output.WriteAsync(buffer.WrittenMemory, cancel).ConfigureAwait(false);
                buffer.ResetWrittenCount();
            }
        }

        buffer.Write("]}"u8);
        await output.WriteAsync(buffer.WrittenMemory, cancel).ConfigureAwait(false);
    }

    /// <summary>Bytes gathered before they are sent.</summary>
    private const int FlushBytes = 64 * 1024;

    public static string Rfc3339(DateTimeOffset time)
        => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
