using System.Net.Http.Headers;
using System.Text;
using Notary.Evidence;
using Notary.Evidence.Forensics;
using Notary.Forensics.Desktops;
using Notary.Host.Composition;
using Notary.Host.Http;

namespace Notary.Host.Tests;

/// <summary>The answers that agents elsewhere get.</summary>
internal sealed partial class AnswerRun
{
    private const string Agents = "/v1/forensics/agents";

    /// <summary>A session's agent, with a key that only it has.</summary>
    private async Task AgentsAsync()
    {
        const string Session = RandomId, One = Agents + "/{session}", Files = One + "/files/{name}", Chain = One + "/chain", Commands = One + "/commands",
            Uploads = One + "/uploads/{file}";
        var agents = (await app.Services.GetRequiredService<Rooms>().OpenAsync(default)).Sessions!.Agents;
        var key = await agents.AdmitAsync(new DesktopOrder(DepositId.Parse(Session), new Uri("https://site.example/"), null), default);
        Task At(string method, string path, int status, string rest = "", HttpContent? body = null, string? by = null, params (string, string)[] headers)
            => Expect(SendAsync(method, path, path.Replace("{session}", Session, StringComparison.Ordinal)
                .Replace("/{name}", "", StringComparison.Ordinal).Replace("/{file}", "", StringComparison.Ordinal) + rest, by ?? key, body, headers), status);

        await At("GET", One, 200);
        await At("GET", One, 400, "?nonsense=1");
        await At("GET", One, 401, by: app.Operator);
        await At("GET", One, 406, headers: ("Accept", "application/x-nothing"));
        await agents.TellAsync(DepositId.Parse(Session), "input", default);
        await At("GET", Commands, 200);
        await At("GET", Commands, 400, "?after=x");
        await At("GET", Commands, 401, by: app.Operator);
        await At("GET", Commands, 406, headers: ("Accept", "application/x-nothing"));

        const string List = "/segments/00000000.frames";
        static HttpContent Of(string text, string type) => new StringContent(text, Encoding.UTF8, new MediaTypeHeaderValue(type));
        static (string, string) Says(string text) => ("Content-Digest", ContentDigest.Format(Digest.Of(Encoding.UTF8.GetBytes(text))));
        HttpContent Bytes(string text) => Of(text, "application/octet-stream");
        await At("PUT", Files, 204, List, Bytes("a"), null, Says("a"));
        await At("PUT", Files, 400, "/other", Bytes("a"), null, Says("a"));
        await At("PUT", Files, 401, List, Bytes("a"), app.Operator, Says("a"));
        await At("PUT", Files, 409, List, Bytes("b"), null, Says("b"));
        await At("PUT", Files, 413, List, Bytes(new string('a', 200_000)), null, Says("a"));
        await At("PUT", Files, 415, List, Of("a", "multipart/form-data"), null, Says("a"));
        await At("PUT", Files, 422, "/segments/00000001.frames", Bytes("b"), null, Says("a"));

        const string Type = "application/x-ndjson";
        using var signing = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var first = new LinkBody.Open(
            DepositId.Parse(Session), signing.ExportSubjectPublicKeyInfo(), new Screen(16, 16, 1), "x", new Dictionary<string, string>());
        var line = Encoding.UTF8.GetString(new ChainWriter(signing).Append(first, new Arrival(DateTimeOffset.UnixEpoch, 0)).Line);
        await At("POST", Chain, 200, "?offset=0", Of(line, Type));
        await At("POST", Chain, 400, "?offset=0", Of("x", Type));
        await At("POST", Chain, 401, "?offset=0", Of(line, Type), app.Operator);
        await At("POST", Chain, 406, "?offset=0", Of(line, Type), null, ("Accept", "application/x-nothing"));
        await At("POST", Chain, 409, "?offset=9", Of(line, Type));
        await At("POST", Chain, 413, "?offset=0", Of(new string('a', 1_100_000), Type));
        await At("POST", Chain, 415, "?offset=0", Of(line, "text/plain"));

        // A file that somebody brings, which its agent fetches and answers for; the second command, after that for input.
        var brought = agents.PutUploadAsync(DepositId.Parse(Session), "k", "a.eml", new MemoryStream("a"u8.ToArray()), default);
        while ((await agents.CommandsAsync(DepositId.Parse(Session), 1, default)).Count == 0)
        {
        }

        var file = "/" + Digest.Of("k"u8);
        static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
        await At("GET", Uploads, 200, file);
        await At("GET", Uploads, 400, file + "?nonsense=1");
        await At("GET", Uploads, 401, file, by: app.Operator);
        await At("GET", Uploads, 404, "/" + new string('0', 64));
        await At("GET", Uploads, 406, file, headers: ("Accept", "application/x-nothing"));
        await At("POST", Uploads, 400, file, Json("{}"));
        await At("POST", Uploads, 401, file, Json("""{"refused":"x"}"""), app.Operator);
        await At("POST", Uploads, 404, "/" + new string('0', 64), Json("""{"refused":"x"}"""));
        await At("POST", Uploads, 413, file, Json($$"""{"refused":"{{new string('x', 1_100_000)}}"}"""));
        await At("POST", Uploads, 415, file, Of("x", "text/plain"));
        await At("POST", Uploads, 204, file, Json($$"""{"size":1,"digest":"{{Digest.Of("a"u8)}}"}"""));
        Assert.AreEqual("a.eml 1", await brought is { } known ? $"{known.Name} {known.Size}" : null);
    }
}
