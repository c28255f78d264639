namespace Notary.Host.Composition;

/// <summary>The part of host.json that says how queue functions are delivered; the pump keeps to the same numbers.</summary>
internal sealed record QueueSettings(
    int BatchSize, int NewBatchThreshold, int MaxDequeueCount, TimeSpan VisibilityTimeout, TimeSpan MaxPollingInterval, TimeSpan FunctionTimeout)
{
    public static QueueSettings Read(string hostJson)
    {
        using var json = JsonDocument.Parse(hostJson);
        var queues = json.RootElement.GetProperty("extensions").GetProperty("queues");
        if (queues.GetProperty("messageEncoding").GetString() != "none")
        {
            // The pump hands text on as it finds it, as the host does with "none".
            throw new InvalidOperationException("host.json: messageEncoding is to be none");
        }

        return new QueueSettings(
            queues.GetProperty("batchSize").GetInt32(),
            queues.GetProperty("newBatchThreshold").GetInt32(),
            queues.GetProperty("maxDequeueCount").GetInt32(),
            Time(queues.GetProperty("visibilityTimeout")),
            Time(queues.GetProperty("maxPollingInterval")),
            Time(json.RootElement.GetProperty("functionTimeout")));
    }

    /// <summary>The host.json beside the app.</summary>
    public static QueueSettings ReadBesideApp() => Read(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "host.json")));

    private static TimeSpan Time(JsonElement element) => TimeSpan.Parse(element.GetString()!, System.Globalization.CultureInfo.InvariantCulture);
}
