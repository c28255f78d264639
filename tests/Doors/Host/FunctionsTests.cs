using System.Text.Json;
using Notary.Host.Triggers;
using Notary.Servers;
using Notary.Storage;

namespace Notary.Host.Tests;

[TestClass]
public sealed class FunctionsTests
{
    private static readonly string Triggers = Path.Combine(Repository.Root, "functions", "Doors", "Host", "Triggers");

    [TestMethod]
    public void EveryFunctionHasItsFileAndNoOther()
        => CollectionAssert.AreEquivalent(
            Functions.All.Select(f => f.Name).ToList(),
            Directory.GetFiles(Triggers, "function.json", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Triggers, Path.GetDirectoryName(f)!)).ToList());

    [TestMethod]
    public void EveryFileSaysWhatTheCodeSays()
    {
        foreach (var function in Functions.All)
        {
            using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(Triggers, function.Name, "function.json")));
            var bindings = json.RootElement.GetProperty("bindings").EnumerateArray().ToList();
            var trigger = bindings[0];
            Assert.AreEqual("in", trigger.GetProperty("direction").GetString());
            switch (function)
            {
                case Function.Http http:
                    // One httpTrigger and one http output, or the host sends an envelope instead of proxying.
                    Assert.HasCount(2, bindings);
                    Assert.AreEqual("httpTrigger", trigger.GetProperty("type").GetString());
                    Assert.AreEqual("http", bindings[1].GetProperty("type").GetString());
                    Assert.AreEqual("out", bindings[1].GetProperty("direction").GetString());
                    Assert.AreEqual(http.Route, trigger.GetProperty("route").GetString());
                    Assert.AreEqual("anonymous", trigger.GetProperty("authLevel").GetString());
                    break;
                case Function.Queue queue:
                    Assert.HasCount(1, bindings);
                    Assert.AreEqual("queueTrigger", trigger.GetProperty("type").GetString());
                    Assert.AreEqual("msg", trigger.GetProperty("name").GetString());
                    Assert.AreEqual(queue.QueueName, trigger.GetProperty("queueName").GetString());
                    Assert.AreEqual(Settings.StorageConnection, trigger.GetProperty("connection").GetString());
                    CollectionAssert.Contains(Names.AllQueues.ToList(), queue.QueueName);
                    break;
                case Function.Timer timer:
                    Assert.HasCount(1, bindings);
                    Assert.AreEqual("timerTrigger", trigger.GetProperty("type").GetString());
                    Assert.AreEqual("timer", trigger.GetProperty("name").GetString());
                    Assert.AreEqual(timer.Schedule, trigger.GetProperty("schedule").GetString());
                    break;
                default:
                    Assert.Fail(function.ToString());
                    break;
            }
        }
    }

    [TestMethod]
    public void NoRouteReachesAnEnvelope()
    {
        // The host proxies the original path: a route that matched "/OnUpload" would let strangers post envelopes.
        foreach (var route in Functions.All.OfType<Function.Http>().Select(f => f.Route))
        {
            var first = route.Split('/')[0];
            Assert.DoesNotContain("{", first);
            Assert.IsFalse(Functions.All.Any(f => f is not Function.Http && f.Name.Equals(first, StringComparison.OrdinalIgnoreCase)), route);
        }
    }

    [TestMethod]
    public void HostJsonIsWhatTheContractNeeds()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "host.json")));
        var handler = json.RootElement.GetProperty("customHandler");
        Assert.IsTrue(handler.GetProperty("enableProxyingHttpRequest").GetBoolean());
        Assert.IsFalse(handler.TryGetProperty("http", out _));
        Assert.AreEqual("Notary.Host", handler.GetProperty("description").GetProperty("defaultExecutablePath").GetString());
        Assert.AreEqual("", json.RootElement.GetProperty("extensions").GetProperty("http").GetProperty("routePrefix").GetString());
        var queues = QueueSettings.Read(json.RootElement.GetRawText());
        Assert.AreEqual(5, queues.MaxDequeueCount);
        Assert.AreEqual(TimeSpan.FromSeconds(30), queues.VisibilityTimeout);
    }
}
