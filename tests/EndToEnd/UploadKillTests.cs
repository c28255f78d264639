using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Azure.Storage.Blobs;

namespace Notary.EndToEnd.Tests;

/// <summary>The app dies by SIGKILL in the middle of a large upload that it takes in, and its next process goes on after the last saved piece.</summary>
[TestClass]
public sealed class UploadKillTests
{
    /// <summary>As the app has them: bytes of a piece and of a block of an original.</summary>
    private const int PieceBytes = 64 << 20, BlockBytes = 8 << 20;

    /// <summary>Three pieces and a bit; it dies at a block of the third, when four at most were on their way.</summary>
    private const int Size = (3 * PieceBytes) + 4711, DiesAt = 21, SavedBlocks = 2 * PieceBytes / BlockBytes;

    public required TestContext TestContext { get; set; }

    [TestMethod]
    public async Task WhatWasHashedEncryptedAndSavedIsNotDoneAgain()
    {
        var cancel = TestContext.CancellationToken;
        FaultProxy? proxy = null;
        await using var scenario = await Scenario.StartAsync(cancel, async platform =>
        {
            proxy = await FaultProxy.StartAsync(platform.Azurite.BlobEndpoint, cancel: cancel);
            return platform.AppEnvironment(blob: proxy.Url);
        });
        await using var ends = proxy!;
        var content = RandomNumberGenerator.GetBytes(Size);
        var digest = Convert.ToHexStringLower(SHA256.HashData(content));
        var ticket = await BeginAsync(scenario, digest, cancel);
        var url = new Uri((string)ticket["url"]!);
        await new BlobClient(url, new BlobClientOptions(BlobClientOptions.ServiceVersion.V2026_06_06)).UploadAsync(new MemoryStream(content), cancel);

        var died = new TaskCompletionSource();
        proxy!.Clear();
        proxy.Add(new FaultRule("/originals/.*comp=block&", FaultKind.Callback, FaultPoint.AfterEffect)
        {
            Method = "PUT",
            Nth = DiesAt,
            Callback = async () =>
            {
                scenario.App.Process.Kill();
                await scenario.App.Process.WaitForExitAsync();
                died.TrySetResult();
            },
        });
        var queue = new Azure.Storage.Queues.QueueClient(scenario.Platform.ConnectionString, "uploads",
            new Azure.Storage.Queues.QueueClientOptions(Azure.Storage.Queues.QueueClientOptions.ServiceVersion.V2026_06_06));
        var message = new JsonObject
        {
            ["type"] = "Microsoft.Storage.BlobCreated",
            ["subject"] = $"/blobServices/default/containers/uploads/blobs/{url.AbsolutePath.Split("/uploads/")[1]}",
            ["data"] = new JsonObject { ["api"] = "PutBlockList" },
        }.ToJsonString();
        await queue.SendMessageAsync(message, cancel);
        await died.Task.WaitAsync(Scenario.Patience, cancel);
        await scenario.App.DisposeAsync();

        // The next process is told until it takes the upload: a minute after the last saved piece the dead one has it no more.
        proxy.Clear();
        await scenario.StartAppAsync(cancel);
        JsonNode view;
        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(1000, cancel))
        {
            view = await scenario.GetAsync($"v1/uploads/{ticket["id"]}", cancel);
            if ((string)view["state"]! != "waiting")
                break;

            Assert.IsLessThan(Scenario.Patience, clock.Elapsed, scenario.App.Process.StandardOutput);
            await queue.SendMessageAsync(message, cancel);
        }

        Assert.AreEqual("deposited", (string)view["state"]!, view.ToJsonString());
        var sent = proxy.Requests.Where(request => request.Method == "PUT" && Regex.IsMatch(request.Path, "/originals/.*comp=block&"))
            .Select(request => Uri.UnescapeDataString(Regex.Match(request.Path, "blockid=([^&]+)").Groups[1].Value))
            .Select(name => BinaryPrimitives.ReadInt32BigEndian(Convert.FromBase64String(name).AsSpan(16))).ToHashSet();
        CollectionAssert.AreEqual(Enumerable.Range(SavedBlocks, (Size / BlockBytes) + 1 - SavedBlocks).ToList(), sent.Order().ToList());
        var id = (string)view["depositId"]!;
        await scenario.WaitForAsync(id, "Certified", cancel);
        Assert.AreEqual(digest, Convert.ToHexStringLower(SHA256.HashData(await scenario.GetBytesAsync($"v1/deposits/{id}/original", cancel))));
        await scenario.FsckAsync(cancel);
    }

    private static async Task<JsonNode> BeginAsync(Scenario scenario, string digest, CancellationToken cancel)
    {
        using var client = scenario.App.Client(scenario.Key);
        using var body = new StringContent(new JsonObject { ["name"] = "large.bin", ["contentDigest"] = digest }.ToJsonString(),
            System.Text.Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(new Uri("v1/uploads", UriKind.Relative), body, cancel);
        var text = await answer.Content.ReadAsStringAsync(cancel);
        Assert.AreEqual(201, (int)answer.StatusCode, text);
        return JsonNode.Parse(text)!;
    }
}
