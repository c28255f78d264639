using Notary.Servers;

namespace Notary.Cli.Tests;

/// <summary>What the operator's commands ask and print.</summary>
[TestClass]
public sealed class OperatorCommandTests
{
    [TestMethod]
    public async Task Key_list_prints_every_page()
    {
        using var server = new HttpListener();
        var url = $"http://127.0.0.1:{ChildProcess.FreePort()}/";
        server.Prefixes.Add(url);
        server.Start();
        var running = Run.AsyncOf("key", "list", "firm", "--url", url, "--key", "k");
        foreach (var (asked, answer) in new[]
        {
            ("/v1/operator/tenants/firm/keys?limit=100", """{"items":[{"prefix":"a"}],"continuation":"a&b"}"""),
            ("/v1/operator/tenants/firm/keys?limit=100&continuation=a%26b", """{"items":[{"prefix":"c"}]}"""),
        })
        {
            var context = await server.GetContextAsync().WaitAsync(TimeSpan.FromSeconds(60));
            Assert.AreEqual(asked, context.Request.RawUrl);
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(answer));
            context.Response.Close();
        }

        var run = await running;
        Assert.AreEqual(0, run.Exit, run.Error);
        Assert.AreEqual("{\"items\":[{\"prefix\":\"a\"}],\"continuation\":\"a&b\"}\n{\"items\":[{\"prefix\":\"c\"}]}\n", run.Output);
    }
}
