using System.Net;
using System.Net.Http.Headers;

namespace Notary.Forensics.Tests.Azure;

/// <summary>The door that agents come to, for who has a key and wants more than it opens.</summary>
[TestClass]
public sealed class AgentDoorTests
{
    private const string Lines = "application/x-ndjson", Octets = "application/octet-stream";

    private static readonly string NoFile = new('0', 64);

    private static Cloud cloud = null!;

    private static Office Office => cloud.Office;

    public required TestContext TestContext { get; init; }

    [ClassInitialize]
    public static async Task StartAsync(TestContext context) => cloud = await Cloud.StartAsync(context.CancellationToken);

    [ClassCleanup]
    public static async Task StopAsync() => await cloud.DisposeAsync();

    [TestMethod]
    public async Task AKeyOpensItsOwnSessionUntilThatHasEndedAndNothingElse()
    {
        var tenant = await Office.TenantAsync();
        var (mine, other) = (await Office.CreateAsync(tenant, user: Cloud.User), await Office.CreateAsync(tenant, user: Cloud.User));
        await Office.UntilAsync(tenant, mine, SessionState.Active);
        await Office.UntilAsync(tenant, other, SessionState.Active);
        var (key, foreign) = (await cloud.KeyOfAsync(mine), await cloud.KeyOfAsync(other));

        // Another session's key, a tenant's, none, one that is almost right, and the right one at a session that is none: one answer.
        var random = "01900000-0000-7000-8000-000000000000";
        var shut = new HashSet<string>();
        foreach (var (at, by) in ((string, string)[])[(mine, foreign), (other, key), (mine, tenant), (mine, ""),
            (mine, key[..^1] + (key[^1] == '0' ? '1' : '0')), (mine, key.ToUpperInvariant() + " "), (random, key)])
        {
            foreach (var (method, path, type) in Routes)
                shut.Add(Told(await AskAsync(at, by, method, path, "{}"u8.ToArray(), type)));
        }

        Assert.AreEqual("401 unauthenticated", string.Join(", ", shut));
        await NamesAsync(mine, key);
        await TwiceAsync(mine, key);
        await ChainAsync(mine, key);

        await Office.SendAsync(tenant, HttpMethod.Post, $"/{mine}/exit");
        var done = await Office.UntilAsync(tenant, mine, SessionState.Deposited);
        foreach (var (method, path, type) in Routes)
            Assert.AreEqual("401 unauthenticated", Told(await AskAsync(mine, key, method, path, "{}"u8.ToArray(), type)), path);

        Assert.AreEqual(HttpStatusCode.OK, (await AskAsync(other, foreign, HttpMethod.Get, "")).Status);

        // What no link names is none of the recording, whoever had the key.
        var (report, package) = (await Office.JudgeAsync(tenant, (string)done["deposit"]!), await Office.PackageAsync(tenant, (string)done["deposit"]!));
        Assert.AreEqual(Outcome.Verified, report.Outcome, AzureSessionTests.Text(report));
        Assert.IsEmpty(package.Files.Keys.Where(name => name.StartsWith("marks/", StringComparison.Ordinal)));
        await Office.SendAsync(tenant, HttpMethod.Post, $"/{other}/abort");
        await cloud.NothingLeftAsync();
    }

    private static readonly (HttpMethod Method, string Path, string Type)[] Routes =
    [
        (HttpMethod.Get, "", ""), (HttpMethod.Put, "/files/marks/0001.png", Octets), (HttpMethod.Post, "/chain?offset=0", Lines),
        (HttpMethod.Get, "/commands", ""), (HttpMethod.Get, "/uploads/" + NoFile, ""), (HttpMethod.Post, "/uploads/" + NoFile, "application/json"),
    ];

    /// <summary>Names that lead elsewhere, or to what is ours; and more bytes than a name may have.</summary>
    private async Task NamesAsync(string id, string key)
    {
        foreach (var name in (string[])["key", "chain.ndjson", "chain/0000000000", "heads/00000001.json", "uploads/" + NoFile, "marks%2F..%2Fkey",
            "marks/%2e%2e/key", "..%2f" + id + "%2fkey", "%2Fmarks/a.png", "marks/.hidden", "marks/a%00.png", "marks/a%0A.png", "marks%5Ca.png", "MARKS/a.png",
            "segments/00000000.mp4x", "segments/0.mp4", "captures/0001/a/b/c.png", "marks/" + new string('a', 201)])
        {
            var told = Told(await AskAsync(id, key, HttpMethod.Put, "/files/" + name, [1], Octets));
            Assert.IsTrue(told is "400 malformed" or "404 not-found" or "401 unauthenticated", $"{name}: {told}");
        }

        foreach (var (name, most) in ((string, int)[])[
            ("cleanliness.json", ForensicsFormat.MaxCleanliness), ("segments/00009999.frames", ForensicsFormat.MaxFrameList)])
            Assert.AreEqual("413 too-large", Told(await AskAsync(id, key, HttpMethod.Put, "/files/" + name, new byte[most + 1], Octets)), name);
    }

    /// <summary>A file is there once, as it was first, and only as it was announced.</summary>
    private async Task TwiceAsync(string id, string key)
    {
        const string Path = "/files/marks/9999.png";
        Assert.AreEqual("422 digest-mismatch", Told(await AskAsync(id, key, HttpMethod.Put, Path, "a"u8.ToArray(), Octets, announced: "b"u8.ToArray())));
        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => AskAsync(id, key, HttpMethod.Put, Path, "a"u8.ToArray(), Octets)));
        Assert.IsTrue(all.All(a => a.Status == HttpStatusCode.NoContent), string.Join(' ', all.Select(Told)));
        Assert.AreEqual("409 conflict", Told(await AskAsync(id, key, HttpMethod.Put, Path, "b"u8.ToArray(), Octets)));
        Assert.AreEqual("409 conflict", Told(await AskAsync(id, key, HttpMethod.Put, "/files/cleanliness.json", "{}"u8.ToArray(), Octets)));
    }

    private async Task ChainAsync(string id, string key)
    {
        Assert.AreEqual("413 too-large", Told(await AskAsync(id, key, HttpMethod.Post, "/chain?offset=0", new byte[(1024 * 1024) + 1], Lines)));

        // Lines of a chain of its own: where others are, and beyond the end; and one that names a file which nobody brought.
        using var signer = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var forged = new ChainWriter(signer);
        byte[] Link(LinkBody body) => forged.Append(body, new Arrival(TimeProvider.System.GetUtcNow(), 0)).Line;
        Link(new LinkBody.Open(DepositId.Parse(id), signer.ExportSubjectPublicKeyInfo(), new Screen(16, 16, 1), "x", new Dictionary<string, string>()));
        var mark = Link(new LinkBody.Mark("forged", null));
        var missing = Link(new LinkBody.Cleanliness(new Part(1, default), true))
            .Concat(Link(new LinkBody.Mark("x", new NamedPart("none.png", new Part(1, default)))));
        foreach (var (offset, lines) in ((long, byte[])[])[(0, mark), (ForensicsFormat.MaxChain / 2, mark), (0, [.. missing])])
            Assert.AreEqual("409 conflict", Told(await AskAsync(id, key, HttpMethod.Post, $"/chain?offset={offset}", lines, Lines)), $"{offset}");

        foreach (var torn in (byte[][])[mark[..^1], [.. mark[..^1], (byte)' ', (byte)'\n'], [(byte)'\n'], []])
            Assert.AreEqual("400 malformed", Told(await AskAsync(id, key, HttpMethod.Post, "/chain?offset=0", torn, Lines)), Encoding.UTF8.GetString(torn));

        Assert.AreEqual("413 too-large", Told(await AskAsync(id, key, HttpMethod.Post, $"/chain?offset={ForensicsFormat.MaxChain}", mark, Lines)));
    }

    private static string Told((HttpStatusCode Status, string? Code) answer) => $"{(int)answer.Status} {answer.Code}";

    private async Task<(HttpStatusCode Status, string? Code)> AskAsync(
        string id, string key, HttpMethod method, string path, byte[]? body = null, string type = "", byte[]? announced = null)
    {
        using var request = new HttpRequestMessage(method, new Uri($"{Office.App.Url}v1/forensics/agents/{id}{path}",
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key}");
        if (type.Length > 0)
        {
            request.Content = new ByteArrayContent(body ?? []);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
            request.Content.Headers.Add("Content-Digest", $"sha-256=:{Convert.ToBase64String(SHA256.HashData(announced ?? body ?? []))}:");
        }

        using var answer = await Office.App.Http.SendAsync(request, TestContext.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.CancellationToken);
        return (answer.StatusCode, answer.IsSuccessStatusCode ? null : (string?)JsonNode.Parse(text)!["code"]);
    }
}
