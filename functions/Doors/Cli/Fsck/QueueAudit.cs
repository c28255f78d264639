namespace Notary.Cli;

/// <summary>I11: what lies in the poison queue is listed, and is really nothing that could have been processed.</summary>
internal sealed class QueueAudit(Audit audit)
{
    /// <summary>The service shows no more without taking messages out.</summary>
    public const int MaxPeeked = 32;

    private const string Subject = $"/blobServices/default/containers/{Names.Uploads}/blobs/";

    /// <summary>A message of the task hub that was taken so often is never going to be done.</summary>
    private const int MaxTaken = 30;

    // host.json's partitionCount.
    private const int Partitions = 2;

    /// <summary>Returns what could not be looked at, in words.</summary>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken c)
    {
        foreach (var queue in Names.TaskHubQueues(Partitions))
            await TaskHubAsync(queue, c);

        var name = Names.PoisonQueue(Names.UploadsQueue);
        var poison = audit.Storage.Queue(name);
        try
        {
            var messages = (await poison.PeekMessagesAsync(MaxPeeked, c)).Value;
            foreach (var message in messages)
                Judge($"queue {name} message {message.MessageId}", message.Body.ToString(), message.InsertedOn);

            return messages.Length == MaxPeeked && (await poison.GetPropertiesAsync(c)).Value.ApproximateMessagesCount is > MaxPeeked and var all
                ? [$"{all - MaxPeeked} messages of {name} behind the first {MaxPeeked}"]
                : [];
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return [$"queue {name}, which this account does not have"];
        }
    }

    private async Task TaskHubAsync(string name, CancellationToken c)
    {
        try
        {
            foreach (var message in (await audit.Storage.Queue(name).PeekMessagesAsync(MaxPeeked, c)).Value)
            {
                audit.Findings.Count("task hub messages");
                audit.Secrets($"queue {name} message {message.MessageId}", message.Body.ToString());
                if (message.DequeueCount > MaxTaken)
                    audit.Findings.Add("I11", $"queue {name} message {message.MessageId}", "message-poison",
                        $"this message was taken {message.DequeueCount} times and is still here");
            }
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            // Its absence is told with the instances'.
        }
    }

    private void Judge(string place, string text, DateTimeOffset? since)
    {
        audit.Findings.Count("poison messages");
        audit.Secrets(place, text);
        if (IsEvent(text))
            audit.Findings.Add("I11", place, "poison-processable", $"this message could have been processed; it was given up at {since:O}");
        else
            audit.Findings.Note("I11", place, "poison", $"{text.Length} characters that are no event, given up at {since:O}");
    }

    /// <summary>An event of Event Grid, in either schema, plain or base64, alone or in an array: ours or not, it is processed.</summary>
    internal static bool IsEvent(string text)
    {
        try
        {
            var plain = text.AsSpan().TrimStart() is ['{' or '[', ..] ? text : Encoding.UTF8.GetString(Convert.FromBase64String(text.Trim()));
            using var json = JsonDocument.Parse(plain);
            var one = json.RootElement is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() == 1 ? list[0] : json.RootElement;
            return one.ValueKind == JsonValueKind.Object
                && (one.TryGetProperty("type", out var type) || one.TryGetProperty("eventType", out type)) && IsText(type)
                && one.TryGetProperty("subject", out var subject) && subject.ValueKind == JsonValueKind.String
                && (type.ValueKind == JsonValueKind.Null || type.GetString() != "Microsoft.Storage.BlobCreated"
                    || !subject.GetString()!.StartsWith(Subject, StringComparison.Ordinal)
                    || (one.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object
                        && data.TryGetProperty("api", out var api) && IsText(api)));
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            return false;
        }

        static bool IsText(JsonElement e) => e.ValueKind is JsonValueKind.String or JsonValueKind.Null;
    }
}
