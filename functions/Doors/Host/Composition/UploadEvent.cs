namespace Notary.Host.Composition;

/// <summary>A BlobCreated event of Event Grid, as CloudEvents 1.0 or in Event Grid's own schema; plain or base64, one object or an array of one.</summary>
internal static class UploadEvent
{
    private const string Subject = $"/blobServices/default/containers/{Names.Uploads}/blobs/";

    // A client that stages blocks causes no event before the last call; a rename or an append never makes an upload.
    private static readonly string[] Finished = ["PutBlob", "PutBlockList", "CopyBlob", "FlushWithClose"];

    /// <summary>
    /// The blob's path in the uploads container; null for an event that is none of ours. The path says only where to look:
    /// the event's other words are not trusted.
    /// </summary>
    /// <exception cref="FaultException">Malformed: no event at all, so the message belongs into the poison queue.</exception>
    public static string? PathOf(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(Plain(text));
            var one = json.RootElement.ValueKind == JsonValueKind.Array && json.RootElement.GetArrayLength() == 1 ? json.RootElement[0] : json.RootElement;
            var type = one.TryGetProperty("type", out var cloud) ? cloud.GetString() : one.GetProperty("eventType").GetString();
            var subject = one.GetProperty("subject").GetString() ?? throw Bad();
            return type == "Microsoft.Storage.BlobCreated"
                && subject.StartsWith(Subject, StringComparison.Ordinal)
                && Finished.Contains(one.GetProperty("data").GetProperty("api").GetString())
                ? subject[Subject.Length..]
                : null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw Bad(e);
        }
    }

    // Sources disagree on whether Event Grid encodes; a JSON text never looks like base64.
    private static string Plain(string text)
        => text.AsSpan().TrimStart() is ['{' or '[', ..] ? text : Encoding.UTF8.GetString(Convert.FromBase64String(text.Trim()));

    private static FaultException Bad(Exception? cause = null) => new(Fault.Malformed, "the message is no Event Grid event", cause);
}
