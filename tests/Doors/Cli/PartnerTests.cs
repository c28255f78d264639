using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Notary.Servers;

namespace Notary.Cli.Tests;

/// <summary><c>notary partner check</c> against the receivers of docs/partners.md, as they stand there, and against bad ones.</summary>
[TestClass]
public sealed class PartnerTests
{
    private static readonly string Guide = File.ReadAllText(Path.Combine(Repository.Root, "docs", "partners.md"));

    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Cancel => TestContext.CancellationToken;

    [TestMethod]
    public async Task TheGuidesJavaScriptConforms()
    {
        using var folder = new SecretFolder();
        var port = ChildProcess.FreePort();
        await File.WriteAllTextAsync(folder.In("receiver.mjs"), Regex.Match(Guide, "```js\n(.*?)```", RegexOptions.Singleline).Groups[1].Value, Cancel);
        Directory.CreateSymbolicLink(folder.In("node_modules"), Path.Combine(Repository.Root, "scripts", "node_modules"));
        await using var receiver = await ChildProcess.StartAsync(new ChildStart("node", folder.In("receiver.mjs"))
        {
            Environment = new Dictionary<string, string?> { ["SECRET"] = folder.Secret, ["PORT"] = $"{port}" },
            Ready = async (_, cancel) => await AnswersAsync(port, cancel),
        }, Cancel);
        var (code, output) = await RunAsync($"http://127.0.0.1:{port}/", folder, "--json");
        Assert.AreEqual(Exit.Passed, code, output);
        var checks = JsonNode.Parse(output)!["checks"]!.AsArray();
        Assert.HasCount(13, checks);
        Assert.IsTrue(checks.All(check => (bool)check!["ok"]!), output);

        // The repetition was answered and not worked on twice: six good deliveries of thirteen, one of them twice, are five lines.
        Assert.HasCount(5, receiver.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries), receiver.StandardOutput);
    }

    [TestMethod]
    public async Task TheGuidesCSharpConforms()
    {
        StringAssert.Contains(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "tests", "Doors", "Cli", "PartnerTests.cs"), Cancel),
            Indented(Regex.Match(Guide, "```cs\nstatic (.*?)```", RegexOptions.Singleline).Groups[1].Value), "the guide has another receiver than this test");
        using var folder = new SecretFolder();
        await using var app = await KestrelAsync((headers, body) => Verify(
            folder.Secret, headers["webhook-id"]!, headers["webhook-timestamp"]!, headers["webhook-signature"].ToString(),
            body, TimeProvider.System.GetUtcNow()));
        var (code, output) = await RunAsync(app.Urls.First(), folder);
        Assert.AreEqual(Exit.Passed, code, output);
        StringAssert.EndsWith(output.TrimEnd(), "\nCONFORMS");
    }

    [TestMethod]
    public async Task EachMistakeIsFound()
    {
        using var folder = new SecretFolder();
        foreach (var (name, mistaken) in new (string, Func<IHeaderDictionary, byte[], bool>)[]
        {
            ("wrong-secret unsigned changed-body changed-id stale from-the-future version", (_, _) => true),
            ("good repeated unknown-type rotated-first rotated-last rotated-middle", (_, _) => false),
            ("rotated-last rotated-middle", (h, body) => Ours(h, h["webhook-signature"].ToString().Split(' ')[0], body)),
            ("rotated-first rotated-middle", (h, body) => Ours(h, h["webhook-signature"].ToString().Split(' ')[^1], body)),
            ("stale from-the-future", (h, body) => long.TryParse(h["webhook-timestamp"], out var seconds)
                && Verify(folder.Secret, h["webhook-id"]!, h["webhook-timestamp"]!, h["webhook-signature"].ToString(),
                    body, DateTimeOffset.FromUnixTimeSeconds(seconds))),
            ("version", (h, body) => Ours(h, h["webhook-signature"].ToString().Replace("v0,", "v1,", StringComparison.Ordinal), body)),
        })
        {
            await using var app = await KestrelAsync(mistaken);
            var (code, output) = await RunAsync(app.Urls.First(), folder, "--json");
            Assert.AreEqual(Exit.Failed, code, output);
            Assert.AreEqual(name, string.Join(' ', JsonNode.Parse(output)!["checks"]!.AsArray()
                .Where(c => !(bool)c!["ok"]!).Select(c => (string)c!["check"]!)));
        }

        var (nobody, said) = await RunAsync($"http://127.0.0.1:{ChildProcess.FreePort()}/", folder);
        Assert.AreEqual(Exit.Unjudged, nobody, said);
        StringAssert.EndsWith(said.TrimEnd(), "NOT JUDGED IN FULL");
        var (abroad, refused) = await RunAsync("http://partner.example/", folder);
        Assert.AreEqual(Exit.Unjudged, abroad, refused);
        folder.Open(UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.AreEqual(Exit.Unjudged, (await RunAsync("http://127.0.0.1:9/", folder)).Code);

        bool Ours(IHeaderDictionary h, string signatures, byte[] body)
            => Verify(folder.Secret, h["webhook-id"]!, h["webhook-timestamp"]!, signatures, body, TimeProvider.System.GetUtcNow());
    }

    private static bool Verify(string secret, string id, string timestamp, string signatures, byte[] body, DateTimeOffset now)
    {
        if (!long.TryParse(timestamp, out var seconds) || Math.Abs(now.ToUnixTimeSeconds() - seconds) > 300)
            return false;

        var key = Convert.FromBase64String(secret["whsec_".Length..]);
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        var expected = Encoding.ASCII.GetBytes("v1," + Convert.ToBase64String(HMACSHA256.HashData(key, signed)));
        var found = false;
        foreach (var one in signatures.Split(' '))
            found |= CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), expected);

        return found;
    }

    /// <summary>The guide's text as it stands in a class.</summary>
    private static string Indented(string code)
        => "private static " + string.Join('\n', code.TrimEnd().Split('\n').Select((line, n) => n == 0 || line.Length == 0 ? line : "    " + line));

    private static async Task<WebApplication> KestrelAsync(Func<IHeaderDictionary, byte[], bool> verify)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapPost("/", async (HttpContext http) =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            http.Response.StatusCode = verify(http.Request.Headers, body.ToArray()) ? 204 : 401;
        });
        await app.StartAsync();
        return app;
    }

    private static async Task<bool> AnswersAsync(int port, CancellationToken cancel)
    {
        try
        {
            using var http = new HttpClient();
            using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/"), cancel);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task<(int Code, string Output)> RunAsync(string url, SecretFolder folder, params string[] more)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await NotaryCommand.RunAsync(
            ["partner", "check", url, "--secret-file", folder.In("secret"), .. more], new Terminal(Stream.Null, output, error), Cancel);
        Assert.DoesNotContain("made a mistake", error.ToString());
        return (code, $"{output}{error}");
    }

    /// <summary>A folder with a secret that nobody else may read.</summary>
    private sealed class SecretFolder : IDisposable
    {
        private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("notary-partner-");

        public SecretFolder()
        {
            File.WriteAllText(In("secret"), Secret + "\n");
            Open(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        public void Open(UnixFileMode to)
        {
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(In("secret"), to);
        }

        public string Secret { get; } = "whsec_" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

        public string In(string name) => Path.Combine(folder.FullName, name);

        public void Dispose() => folder.Delete(recursive: true);
    }
}
