using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure.Storage.Queues.Models;

namespace Notary.Host.Triggers;

/// <summary>Writes the envelopes that the Functions host would post, quirks included, so that local runs and tests go the same way.</summary>
internal static class EnvelopeWriter
{
    /// <summary>Text is encoded twice, metadata are strings, and a JSON object's own members are merged into the metadata.</summary>
    public static string Queue(string function, QueueMessage message, string text, DateTimeOffset now)
    {
        var metadata = new JsonObject
        {
            ["DequeueCount"] = message.DequeueCount.ToString(CultureInfo.InvariantCulture),
            ["ExpirationTime"] = Time(message.ExpiresOn),
            ["Id"] = Quoted(message.MessageId),
            ["InsertionTime"] = Time(message.InsertedOn),
            ["NextVisibleTime"] = Time(message.NextVisibleOn),
            ["PopReceipt"] = Quoted(message.PopReceipt),
            ["sys"] = Sys(function, now),
        };
        if (Members(text) is { } members)
        {
            foreach (var (name, value) in members)
            {
                metadata[name] = Quoted(value is JsonValue plain && plain.GetValueKind() == JsonValueKind.String ? plain.GetValue<string>() : value?.ToJsonString() ?? "null");
            }
        }

        return new JsonObject { ["Data"] = new JsonObject { ["msg"] = Quoted(text) }, ["Metadata"] = metadata }.ToJsonString();
    }

    public static string Timer(string function, bool isPastDue, DateTimeOffset last, DateTimeOffset next, DateTimeOffset now) => new JsonObject
    {
        ["Data"] = new JsonObject
        {
            ["timer"] = new JsonObject
            {
                ["Schedule"] = new JsonObject { ["AdjustForDST"] = true },
                ["ScheduleStatus"] = new JsonObject { ["Last"] = Time(last), ["Next"] = Time(next), ["LastUpdated"] = Time(last) },
                ["IsPastDue"] = isPastDue,
            },
        },
        ["Metadata"] = new JsonObject { ["sys"] = Sys(function, now) },
    }.ToJsonString();

    private static string Quoted(string text) => JsonSerializer.Serialize(text);

    private static JsonObject? Members(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonObject Sys(string function, DateTimeOffset now)
        => new() { ["MethodName"] = function, ["UtcNow"] = Time(now), ["RandGuid"] = Guid.NewGuid().ToString() };

    private static string? Time(DateTimeOffset? time) => time?.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture);
}
