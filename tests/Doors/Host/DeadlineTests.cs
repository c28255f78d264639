using Microsoft.Extensions.DependencyInjection.Extensions;
using Notary.Host.Http;

namespace Notary.Host.Tests;

/// <summary>A dependency that hangs ends in an answer, as one that refuses does.</summary>
[TestClass]
public sealed class DeadlineTests
{
    [TestMethod]
    [DataRow("table", "/apikeys", "/v1/deposits")]
    [DataRow("table", "/deposits", "/v1/deposits")]
    [DataRow("blob", "/checkpoint", "/v1/log/checkpoint")]
    public async Task StorageThatHangsIsA503ByTheDeadline(string service, string hangs, string path)
    {
        var platform = await Fixture.PlatformAsync();
        await using var proxy = await FaultProxy.StartAsync(service == "blob" ? platform.Azurite.BlobEndpoint : platform.Azurite.TableEndpoint);
        var environment = service == "blob" ? platform.AppEnvironment(blob: proxy.Url) : platform.AppEnvironment(table: proxy.Url);
        await using var app = await TestApp.StartOnAsync(
            platform, v => v["EvidenceStorage"] = environment["EvidenceStorage"],
            services => services.Replace(ServiceDescriptor.Singleton(new Deadline(TimeSpan.FromSeconds(2)))));
        var (_, key) = await (await Fixture.WholeAppAsync()).TenantAsync(); // whose deadline is no test of this machine
        var hanging = new TaskCompletionSource();
        var rule = proxy.Add(new FaultRule(hangs, FaultKind.Delay) { Method = "GET", Times = int.MaxValue, Callback = () => hanging.Task });
        try
        {
            (await app.SendAsync(HttpMethod.Get, path, key)).MustBe(503, "storage-unavailable");
            Assert.IsGreaterThan(0, rule.Strikes);
        }
        finally
        {
            hanging.SetResult();
        }

        proxy.Clear();
        var well = await app.SendAsync(HttpMethod.Get, path, key);
        Assert.IsTrue(well.Status is 200 or 404, well.Text);
    }
}
