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
            var context = await server.GetContextAsync().WaitAsync(TimeSpan.FromMinutes(5));
            Assert.AreEqual(asked, context.Request.RawUrl);
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(answer));
            context.Response.Close();
        }

        var run = await running;
        Assert.AreEqual(0, run.Exit, run.Error);
        Assert.AreEqual("{\"items\":[{\"prefix\":\"a\"}],\"continuation\":\"a&b\"}\n{\"items\":[{\"prefix\":\"c\"}]}\n", run.Output);
    }

    [TestMethod]
    public async Task Tenant_invite_asks_for_a_link_and_prints_it()
    {
        using var server = new HttpListener();
        var url = $"http://127.0.0.1:{ChildProcess.FreePort()}/";
        server.Prefixes.Add(url);
        server.Start();
        foreach (var (more, sent) in new[]
        {
            ((string[])[], """{"address":"a@b.example"}"""), (["--role", "viewer"], """{"address":"a@b.example","role":"viewer"}"""),
        })
        {
            var running = Run.AsyncOf(["tenant", "invite", "firm", "a@b.example", .. more, "--url", url, "--key", "k"]);
            var context = await server.GetContextAsync().WaitAsync(TimeSpan.FromMinutes(5));
            Assert.AreEqual("POST /v1/operator/tenants/firm/invitations", $"{context.Request.HttpMethod} {context.Request.RawUrl}");
            using (var reader = new StreamReader(context.Request.InputStream))
                Assert.AreEqual(sent, await reader.ReadToEndAsync());

            Assert.IsNotNull(context.Request.Headers["Idempotency-Key"], "an answer that is lost is asked for again");
            context.Response.StatusCode = 201;
            await context.Response.OutputStream.WriteAsync("""{"url":"https://notary.example/invitation/x"}"""u8.ToArray());
            context.Response.Close();
            var run = await running;
            Assert.AreEqual(0, run.Exit, run.Error);
            Assert.AreEqual("{\"url\":\"https://notary.example/invitation/x\"}\n", run.Output);
        }
    }
}
