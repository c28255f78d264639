using System.Net.Sockets;
using Notary.Servers;

namespace Notary.Cli.Tests;

/// <summary>Alone in its class: it waits for a minute, and others are tested meanwhile.</summary>
[TestClass]
public sealed class SilentStorageTests
{
    [TestMethod]
    public async Task Storage_that_never_answers_is_no_mistake_of_the_program()
    {
        await using var sample = await SampleEvidence.CreateAsync();
        var trust = Path.GetTempFileName();
        await File.WriteAllBytesAsync(trust, sample.Trust.ToBytes());

        // Takes connections and says nothing; the SDK gives up after its own tries, some 50 s.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var url = $"http://{silent.LocalEndpoint}/none";
        var run = await Run.AsyncOf("fsck", "--trust", trust, "--no-chain", "--originals", "0", "--storage",
            $"DefaultEndpointsProtocol=http;AccountName=none;AccountKey={Convert.ToBase64String(new byte[64])};"
                + $"BlobEndpoint={url};QueueEndpoint={url};TableEndpoint={url}");
        Assert.AreEqual(2, run.Exit, run.Error);
        StringAssert.Contains(run.Error, "did not answer in time");
        Assert.AreEqual("", run.Output);
        File.Delete(trust);
    }
}
