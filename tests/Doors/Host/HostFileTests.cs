using Notary.Orchestration;

namespace Notary.Host.Tests;

/// <summary>host.json against what the one-machine engine is told, and against what the Functions host refuses.</summary>
[TestClass]
public sealed class HostFileTests
{
    [TestMethod]
    public void TheTaskHubIsTheSameInBothHosts()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "host.json")));
        Assert.IsFalse(json.RootElement.TryGetProperty("customHandler", out _));
        Assert.IsFalse(json.RootElement.TryGetProperty("extensionBundle", out _));
        var durable = json.RootElement.GetProperty("extensions").GetProperty("durableTask");
        var storage = durable.GetProperty("storageProvider");
        Assert.AreEqual(TaskHub.Name, durable.GetProperty("hubName").GetString());
        Assert.AreEqual(TaskHub.Partitions, storage.GetProperty("partitionCount").GetInt32());
        Assert.IsFalse(durable.GetProperty("extendedSessionsEnabled").GetBoolean());
        Assert.AreEqual(TaskHub.IdlePoll.ToString(), storage.GetProperty("maxQueuePollingInterval").GetString());

        // A shorter one than a minute makes the host restart without end.
        foreach (var timeout in new[] { "controlQueueVisibilityTimeout", "workItemQueueVisibilityTimeout" })
            Assert.IsGreaterThanOrEqualTo(TimeSpan.FromMinutes(1),
                TimeSpan.Parse(storage.GetProperty(timeout).GetString()!, System.Globalization.CultureInfo.InvariantCulture), timeout);
    }

    /// <summary>A message that fails for an hour because a dependency is down is not given up.</summary>
    [TestMethod]
    public void AnOutageOfAnHourPoisonsNothing()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "host.json")));
        var queues = json.RootElement.GetProperty("extensions").GetProperty("queues");
        var pause = TimeSpan.Parse(queues.GetProperty("visibilityTimeout").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
        Assert.IsGreaterThan(TimeSpan.FromHours(1), pause * (queues.GetProperty("maxDequeueCount").GetInt32() - 1));
    }
}
