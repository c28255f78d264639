using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using Notary.Servers.Forensics;
using Notary.Verification.Letters;
using Notary.Verification.Recordings;

namespace Notary.Forensics.Tests;

/// <summary>A platform with desktops, its app as a process, and a tenant's client of it.</summary>
internal sealed class Office : IAsyncDisposable
{
    /// <summary>For a state that will come: longer than any machine needs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly Dictionary<string, string?> environment;
    private readonly DesktopFolder desktops = new();
    private readonly Action<App> started;
    private App app = null!;

    private Office(Platform platform, string? agent, Action<App> started)
    {
        (Platform, this.started) = (platform, started);
        environment = platform.AppEnvironment();
        environment["Notary__Chain__AnchorIntervalSeconds"] = "1";
        environment["Notary__Chain__Confirmations"] = "1";
        if (agent is null)
            return;

        environment["Notary__Forensics__Agent"] = agent;
        environment["Notary__Forensics__Folder"] = desktops.FullName;
    }

    public Platform Platform { get; }

    public App App => app;

    /// <summary>A program in the agent's place.</summary>
    public static string StandIn => Path.Combine(AppContext.BaseDirectory, "Notary.Servers");

    /// <summary>The agent itself, as it was built with this.</summary>
    public static string Recorder => Path.Combine(Repository.Root, "functions", "Recorder", "bin",
        AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug", "net10.0", "notary-recorder");

    /// <param name="agent">What makes desktops on this machine; null where they come from elsewhere.</param>
    /// <param name="cancel">Gives up.</param>
    /// <param name="settings">More of <c>Notary__Forensics__</c>.</param>
    /// <param name="configure">More settings of any name.</param>
    /// <param name="started">Told of the app, each time that it has started.</param>
    public static async Task<Office> StartAsync(string? agent, CancellationToken cancel, IReadOnlyDictionary<string, string>? settings = null,
        Action<IDictionary<string, string?>>? configure = null, Action<App>? started = null)
    {
        var office = new Office(await Platform.StartAsync(new PlatformOptions(), cancel), agent, started ?? (_ => { }));
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
            office.environment["Notary__Forensics__" + name] = value;

        configure?.Invoke(office.environment);
        await office.StartAppAsync();
        return office;
    }

    public async Task StartAppAsync()
    {
        app = await App.StartAsync(environment);
        started(app);
        await app.ReadyAsync();
    }

    /// <summary>As a power cut would.</summary>
    public async Task KillAppAsync()
    {
        app.Process.Kill();
        await app.Process.WaitForExitAsync();
        await app.DisposeAsync();
    }

    /// <summary>A tenant's key.</summary>
    public Task<string> TenantAsync() => app.CreateTenantAsync(Platform.OperatorKey, $"t-{Guid.NewGuid():N}"[..20], "甲公司");

    public async Task<(HttpStatusCode Status, JsonNode? Json)> SendAsync(
        string key, HttpMethod method, string path, JsonObject? body = null, string? idempotencyKey = null)
    {
        using var client = app.Client(key);
        using var request = new HttpRequestMessage(method, new Uri("v1/forensics/sessions" + path, UriKind.Relative));
        if (body is not null)
            request.Content = JsonContent.Create(body);

        if (idempotencyKey is not null)
            request.Headers.Add("Idempotency-Key", idempotencyKey);

        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }

    /// <summary>Brings a file into a session.</summary>
    public async Task<(HttpStatusCode Status, JsonNode? Json)> PutFileAsync(
        string key, string id, string query, HttpContent content, string? idempotencyKey = null, byte[]? announced = null)
    {
        using var client = app.Client(key);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"v1/forensics/sessions/{id}/files{query}", UriKind.Relative));
        request.Content = content;
        if (idempotencyKey is not null)
            request.Headers.Add("Idempotency-Key", idempotencyKey);

        if (announced is not null)
            content.Headers.Add("Content-Digest", $"sha-256=:{Convert.ToBase64String(announced)}:");

        using var answer = await client.SendAsync(request);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync()));
    }

    public async Task<string> CreateAsync(string key, string page = "https://site.example/film", string label = "", string? user = null)
    {
        var body = new JsonObject { ["page"] = page, ["label"] = label };
        if (user is not null)
            body["user"] = user;

        var (status, json) = await SendAsync(key, HttpMethod.Post, "", body);
        Assert.AreEqual(HttpStatusCode.Created, status, json?.ToJsonString());
        return (string)json!["id"]!;
    }

    /// <summary>Waits until the session is so.</summary>
    public async Task<JsonNode> UntilAsync(string key, string id, Func<JsonNode, bool> wanted, string what)
    {
        for (var begun = TimeProvider.System.GetTimestamp(); ;)
        {
            var json = (await SendAsync(key, HttpMethod.Get, "/" + id)).Json!;
            if (wanted(json))
                return json;

            Assert.IsTrue(TimeProvider.System.GetElapsedTime(begun) < Patience, $"{what}: {json.ToJsonString()}; {Said}");
            await Task.Delay(100);
        }
    }

    public Task<JsonNode> UntilAsync(string key, string id, SessionState state) => UntilAsync(key, id, json => IsIn(json, state), $"{state}");

    public static bool IsIn(JsonNode json, SessionState state) => (string?)json["state"] == state.ToString();

    /// <summary>What the app warned of.</summary>
    public string Said => string.Join('\n', app.Process.StandardOutput.Split('\n')
        .Where(line => !line.Contains("\"LogLevel\":\"Information\"", StringComparison.Ordinal)).TakeLast(20));

    /// <summary>The agent's process.</summary>
    public Process AgentOf(string id) => desktops.AgentOf(id);

    /// <summary>What lies there of a session.</summary>
    public IEnumerable<string> LeftOf(string id) => desktops.LeftOf(id);

    /// <summary>The folder that its desktop writes into.</summary>
    public string FolderOf(string id) => Path.Combine(desktops.FullName, id);

    /// <summary>Links of its chain as they stand on the disk.</summary>
    public int LinksOf(string id)
        => Path.Combine(FolderOf(id), ForensicsFormat.ChainFile) is var chain && File.Exists(chain) ? File.ReadLines(chain).Count() : 0;

    public async Task<JsonNode> DepositAsync(string key, string id, string state)
    {
        using var client = app.Client(key);
        for (var begun = TimeProvider.System.GetTimestamp(); ;)
        {
            var json = JsonNode.Parse(await client.GetStringAsync(new Uri("v1/deposits/" + id, UriKind.Relative)))!;
            if ((string?)json["state"] == state)
                return json;

            Assert.IsTrue(TimeProvider.System.GetElapsedTime(begun) < Patience, json.ToJsonString());
            await Task.Delay(200);
        }
    }

    /// <summary>A deposited package's links and files.</summary>
    public async Task<(IReadOnlyList<Link> Links, IReadOnlyDictionary<string, byte[]> Files)> PackageAsync(string key, string deposit)
    {
        using var client = app.Client(key);
        using var zip = new ZipArchive(new MemoryStream(await client.GetByteArrayAsync(new Uri($"v1/deposits/{deposit}/original?item=0", UriKind.Relative))));
        var files = new Dictionary<string, byte[]>();
        foreach (var entry in zip.Entries)
        {
            using var content = new MemoryStream();
            await using var stream = await entry.OpenAsync();
            await stream.CopyToAsync(content);
            files[entry.FullName] = content.ToArray();
        }

        return ([.. Encoding.UTF8.GetString(files[ForensicsFormat.ChainFile]).TrimEnd('\n').Split('\n').Select(line
            => ChainLine.TryRead(Encoding.UTF8.GetBytes(line), out var link, out _) ? Link.Parse(link) : throw new AssertFailedException(line))], files);
    }

    /// <summary>What a stranger finds in a deposited package, by the platform's published trust roots.</summary>
    public async Task<ForensicsReport> JudgeAsync(string key, string deposit)
    {
        using var client = app.Client(key);
        var package = await client.GetByteArrayAsync(new Uri($"v1/deposits/{deposit}/original?item=0", UriKind.Relative));
        using var verifier = new ForensicsVerifier(TrustRoots.Parse(await app.Http.GetByteArrayAsync(new Uri("v1/trust", UriKind.Relative))));
        using var recording = new RecordingPackage(new MemoryStream(package));
        return verifier.Verify(recording, null, CancellationToken.None);
    }

    /// <summary>A session's letter, judged by the platform's published trust roots: what it states, and its bytes.</summary>
    public async Task<(RecordingFacts Facts, byte[] Pdf)> LetterAsync(string key, string id)
    {
        using var client = app.Client(key);
        for (var begun = TimeProvider.System.GetTimestamp(); ;)
        {
            using var answer = await client.GetAsync(new Uri($"v1/forensics/sessions/{id}/letter", UriKind.Relative));
            if (answer.StatusCode != HttpStatusCode.Conflict)
            {
                Assert.AreEqual((HttpStatusCode.OK, "application/pdf"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
                var trust = TrustRoots.Parse(await app.Http.GetByteArrayAsync(new Uri("v1/trust", UriKind.Relative)));
                var pdf = await answer.Content.ReadAsByteArrayAsync();
                var check = new LetterVerifier(trust.LetterRoots, trust.Authorities, trust.Issuer).CheckRecording(pdf, out var facts);
                Assert.IsTrue(check.Ok && check.ArchivedAt is not null, check.Reason);
                return (facts!, pdf);
            }

            Assert.IsTrue(TimeProvider.System.GetElapsedTime(begun) < Patience, Said);
            await Task.Delay(200);
        }
    }

    /// <summary>What a letter with these facts states of a deposited recording, and that does not say.</summary>
    public async Task<IReadOnlyList<string>> DifferingAsync(string key, string deposit, RecordingFacts facts)
    {
        using var client = app.Client(key);
        var trust = TrustRoots.Parse(await app.Http.GetByteArrayAsync(new Uri("v1/trust", UriKind.Relative)));
        using var package = new RecordingPackage(new MemoryStream(
            await client.GetByteArrayAsync(new Uri($"v1/deposits/{deposit}/original?item=0", UriKind.Relative))));
        using var verifier = new ForensicsVerifier(trust);
        return [.. RecordingAgreement.Differing(facts, package, verifier.Verify(package, null, CancellationToken.None), trust)];
    }

    /// <summary>A deposited package and a letter, by whoever has both and the tool.</summary>
    public async Task<(int Code, string Report)> JudgeLetterAsync(string key, string deposit, byte[] pdf)
    {
        using var client = app.Client(key);
        var folder = Directory.CreateTempSubdirectory("notary-letter-").FullName;
        var (package, letter) = (Path.Combine(folder, "package.zip"), Path.Combine(folder, "letter.pdf"));
        await File.WriteAllBytesAsync(package, await client.GetByteArrayAsync(new Uri($"v1/deposits/{deposit}/original?item=0", UriKind.Relative)));
        await File.WriteAllBytesAsync(letter, pdf);
        var judged = await CliAsync("forensics", "letter", package, letter);
        Directory.Delete(folder, recursive: true);
        return judged;
    }

    /// <summary>The whole platform's audit, from raw storage.</summary>
    public Task<(int Code, string Report)> AuditAsync()
        => CliAsync("fsck", "--storage", Platform.ConnectionString, "--no-chain", "--originals", "0");

    private async Task<(int Code, string Report)> CliAsync(params string[] arguments)
    {
        var trust = Path.Combine(desktops.FullName, $"{Guid.NewGuid():N}.json");
        await File.WriteAllBytesAsync(trust, await app.Http.GetByteArrayAsync(new Uri("v1/trust", UriKind.Relative)));
        using var process = Process.Start(new ProcessStartInfo(App.Executable("Cli", "notary"), [.. arguments, "--trust", trust])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await error);
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        await Platform.DisposeAsync();
        await desktops.DisposeAsync();
    }
}
