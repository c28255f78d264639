namespace Notary.Host.Tests;

/// <summary>An upload that ends the worker each time it is taken: the Functions host gives up for good after the third such end.</summary>
[TestClass]
public sealed class WorkerUploadTests
{
    [TestMethod]
    public async Task AnUploadThatEndsTheWorkerIsLeftAloneBeforeTheHostsThirdStrike()
    {
        var platform = await Fixture.PlatformAsync();
        await using var blobs = await FaultProxy.StartAsync(platform.Azurite.BlobEndpoint);
        await using var app = await TestApp.StartOnAsync(platform, replace: TestTasks.Add);
        var (_, key) = await app.TenantAsync();
        var ticket = await app.PostAsync("/v1/uploads", key, """{"name":"a.bin","letter":"onRequest"}""");
        var url = new Uri(ticket.Json.GetProperty("url").GetString()!);
        using (var put = new HttpRequestMessage(HttpMethod.Put, url) { Content = new StringContent("hello"), Headers = { { "x-ms-blob-type", "BlockBlob" } } })
        using (var done = await app.Http.SendAsync(put))
            Assert.AreEqual(201, (int)done.StatusCode);

        var path = url.AbsolutePath.Split("/uploads/")[1];
        var message =
            $$$"""{"type":"Microsoft.Storage.BlobCreated","subject":"/blobServices/default/containers/uploads/blobs/{{{path}}}","data":{"api":"PutBlob"}}""";
        for (var take = 1; take <= 2; take++)
        {
            await using var host = await StartAsync(platform, blobs);
            var read = new TaskCompletionSource();
            blobs.Add(new FaultRule($"/uploads/{path}", FaultKind.Delay) { Delay = TimeSpan.FromMinutes(5),
                Times = int.MaxValue, Callback = () => { read.TrySetResult(); return Task.CompletedTask; } });
            var delivery = host.QueueAsync("OnUpload", message);
            Assert.AreSame(read.Task, await Task.WhenAny(read.Task, delivery), $"take {take}: {host.Log}");
            host.Worker.Kill();
            await host.Worker.WaitForExitAsync();
            blobs.Clear();
        }

        // The third take acknowledges the message, and nothing is read; so does the sweep.
        await using (var host = await StartAsync(platform, blobs))
        {
            var touched = blobs.Add(new FaultRule($"/uploads/{path}", FaultKind.Callback) { Times = int.MaxValue });
            Assert.IsNull(await host.QueueAsync("OnUpload", message), host.Log);
            Assert.AreEqual(0, touched.Strikes);
            StringAssert.Contains(host.Log, "begun 2 times and never ended");
        }

        Assert.AreEqual("waiting", (await app.GetAsync(ticket.Headers["Location"], key)).Json.GetProperty("state").GetString());
        Assert.AreEqual(0, (await app.GetAsync("/v1/deposits", key)).Json.GetProperty("items").GetArrayLength());
    }

    private static async Task<FunctionsHost> StartAsync(Platform platform, FaultProxy blobs)
    {
        var host = await FunctionsHost.StartAsync(Path.GetDirectoryName(App.Executable("Host", "Notary.Host"))!, platform.AppEnvironment(blob: blobs.Url));
        using var http = new HttpClient { BaseAddress = host.Url };
        for (var since = TimeProvider.System.GetTimestamp(); !(await http.GetAsync("/readyz")).IsSuccessStatusCode; await Task.Delay(100))
            Assert.IsLessThan(TimeSpan.FromMinutes(3), TimeProvider.System.GetElapsedTime(since), host.Log);

        return host;
    }
}
