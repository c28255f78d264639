using System.IO.Compression;
using System.Net.Http.Headers;
using Notary.Evidence;
using Notary.Evidence.Batches;
using Notary.Verification;

namespace Notary.Host.Tests;

/// <summary>Batches on the whole platform. Millions are the bench's.</summary>
[TestClass]
public sealed class BatchTests
{
    private const string Path = "/v1/batches";
    private const string RandomId = "01900000-0000-7000-8000-000000000000";
    private static TestApp app = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => app = await Fixture.WholeAppAsync();

    internal static ByteArrayContent Body(string lines, bool gzip = false)
    {
        var bytes = Encoding.UTF8.GetBytes(lines);
        if (gzip)
        {
            using var packed = new MemoryStream();
            using (var zip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
                zip.Write(bytes);

            bytes = packed.ToArray();
        }

        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        if (gzip)
            content.Headers.ContentEncoding.Add("gzip");

        return content;
    }

    private static string Hex(int n) => Digest.Of(BitConverter.GetBytes(n)).ToString();

    internal static string Lines(int count) => string.Concat(Enumerable.Range(0, count).Select(
        n => $$"""{"sha-256":"{{Hex(n % 500)}}","name":"第 {{n}} 份","reference":"R/{{n}}","size":4}""" + "\n"));

    /// <summary>Good lines that unfold further than any honest list.</summary>
    internal static ByteArrayContent Bomb()
        => Body(string.Concat(Enumerable.Repeat($$"""{"sha-256":"{{new string('0', 64)}}"}""" + "\n", 60_000)), gzip: true);

    private static Task<Answer> SendAsync(string key, HttpContent body, string? idempotencyKey = "b", string query = "", params (string, string)[] headers)
        => app.SendAsync(HttpMethod.Post, Path + query, key, body, idempotencyKey is null ? headers : [("Idempotency-Key", idempotencyKey), .. headers]);

    [TestMethod]
    public async Task ABatchIsADepositAndSoIsEachOfItsItems()
    {
        const int Count = 700, Number = 517;
        var (_, key) = await app.TenantAsync();
        var (_, stranger) = await app.TenantAsync();
        var made = await SendAsync(key, Body(Lines(Count), gzip: true), query: "?note.contractNo=A-17");
        Assert.AreEqual(201, made.Status, made.Text);
        var id = made.Json.GetProperty("id").GetString()!;
        Assert.AreEqual($"{Path}/{id}", made.Headers["Location"]);
        var manifest = Manifest.Parse(Jcs.Canonicalize(made.Json.GetProperty("manifest")));
        Assert.AreEqual((BatchFormat.Kind, (long?)Count, "A-17"), (manifest.Kind, manifest.ItemCount, manifest.Notes["contractNo"]));
        Assert.AreEqual(made.Text, (await SendAsync(key, Body(Lines(Count)), query: "?note.contractNo=A-17")).Text, "packed or not, the same batch");

        // Its items, page by page, are what was sent, in order, and make the root.
        var items = new List<byte[]>();
        for (var at = $"{Path}/{id}/items?limit=100"; at.Length > 0;)
        {
            var page = await app.GetAsync(at, key);
            Assert.AreEqual(200, page.Status, page.Text);
            items.AddRange(page.Json.GetProperty("items").EnumerateArray().Select(i => Jcs.Canonicalize(i.GetProperty("item"))));
            at = page.Json.TryGetProperty("continuation", out var next) ? $"{Path}/{id}/items?limit=100&continuation={next.GetString()}" : "";
        }

        Assert.HasCount(Count, items);
        Assert.AreEqual(manifest.ItemsRoot, Merkle.Root([.. items.Select(i => BatchItem.Leaf(i))]));
        Assert.AreEqual(manifest.Items[0].Sha256, Digest.Of(items.SelectMany(i => (byte[])[.. i, (byte)'\n']).ToArray()), "the file of items");
        Assert.AreEqual("第 517 份", BatchItem.Parse(items[Number]).Name);

        // Found by digest and reference as soon as the index is there.
        var found = await FoundAsync(key, $"reference=R%2F{Number}", 1);
        Assert.AreEqual($"{id}.{Number}", found[0].GetProperty("id").GetString());
        CollectionAssert.AreEqual((string[])[$"{id}.17", $"{id}.{Number}"],
            (await FoundAsync(key, $"sha256={Hex(17)}", 2)).Select(i => i.GetProperty("id").GetString()).ToArray());
        var part = await app.GetAsync($"{Path}/items?sha256={Hex(17)}&limit=1", key);
        Assert.AreEqual($"{id}.{Number}", part.Json.GetProperty("continuation").GetString());
        Assert.AreEqual(1, (await app.GetAsync($"{Path}/items?sha256={Hex(17)}&limit=1&continuation={id}.{Number}", key)).Json.GetProperty("items")
            .GetArrayLength());
        Assert.AreEqual(0, (await app.GetAsync($"{Path}/items?reference=R", key)).Json.GetProperty("items").GetArrayLength());
        Assert.AreEqual(0, (await app.GetAsync($"{Path}/items?reference=R%2F{Number}", stranger)).Json.GetProperty("items").GetArrayLength());

        // An item is followed like a deposit to its evidence.
        var at0 = $"/v1/deposits/{id}.{Number}";
        for (var i = 0; i < 240 && (await app.GetAsync(at0, key)).Json.GetProperty("state").GetString() != "Certified"; i++)
            await Task.Delay(500);

        var view = (await app.GetAsync(at0, key)).Json;
        Assert.AreEqual(("Certified", $"{id}.{Number}", $"R/{Number}", Hex(17)), (view.GetProperty("state").GetString(), view.GetProperty("id").GetString(),
            view.GetProperty("reference").GetString(), view.GetProperty("items")[0].GetProperty("digests").GetProperty("sha-256").GetString()));
        Assert.AreEqual(made.Text, (await app.GetAsync($"{at0}/receipt", key)).Text, "its batch's");
        CollectionAssert.AreEqual((await app.GetAsync($"/v1/deposits/{id}/letter", key)).Body, (await app.GetAsync($"{at0}/letter", key)).Body);
        var proof = (await app.GetAsync($"{at0}/proof", key)).Text.Split("\n\n", 2);
        Assert.IsTrue(ItemProof.Parse(proof[0] + "\n").Holds(items[Number], manifest));
        var log = TlogProof.Parse(proof[1]);
        using var verifier = new BundleVerifier(TrustRoots.Parse((await app.GetAsync("/v1/trust")).Body));
        var bundle = await app.GetAsync($"{at0}/bundle", key);
        StringAssert.Contains(bundle.Headers["Content-Disposition"], $"{id}.{Number}.evidence.zip");
        var report = await verifier.VerifyAsync(new MemoryStream(bundle.Body), new BundleQuestion(new MemoryStream(BitConverter.GetBytes(17))), default);
        Assert.AreEqual(Outcome.Verified, report.Outcome, string.Join('\n', report.Verdicts));
        Assert.AreEqual(log.Index, view.GetProperty("index").GetInt64());
        Assert.AreNotEqual(bundle.Headers["ETag"], (await app.GetAsync($"/v1/deposits/{id}.0/bundle", key)).Headers["ETag"]);
        report = await verifier.VerifyAsync(new MemoryStream((await app.GetAsync($"/v1/deposits/{id}/bundle", key)).Body), new BundleQuestion(), default);
        Assert.AreEqual(Outcome.Verified, report.Outcome, string.Join('\n', report.Verdicts));

        var batch = (await app.GetAsync($"{Path}/{id}", key)).Json;
        Assert.AreEqual((Count, manifest.ItemsRoot.ToString(), true, "Certified"),
            (batch.GetProperty("itemCount").GetInt32(), batch.GetProperty("itemsRoot").GetString(),
            batch.GetProperty("indexed").GetBoolean(), batch.GetProperty("deposit").GetProperty("state").GetString()));

        // A stranger's answer tells nothing, nor does a number beyond the last.
        foreach (var rest in (string[])["", "/receipt", "/proof", "/letter", "/bundle", "/original"])
        {
            (await app.GetAsync(at0 + rest, stranger)).MustBe(404, "not-found");
            (await app.GetAsync($"/v1/deposits/{RandomId}.{Number}{rest}", key)).MustBe(404, "not-found");
            (await app.GetAsync($"/v1/deposits/{id}.{Count}{rest}", key)).MustBe(404, "not-found");
        }

        foreach (var rest in (string[])["", "/items"])
            (await app.GetAsync($"{Path}/{id}{rest}", stranger)).MustBe(404, "not-found");
    }

    [TestMethod]
    public async Task TwentyEqualRequestsAtOnceAreOne()
    {
        var (_, key) = await app.TenantAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => SendAsync(key, Body(Lines(100), gzip: i % 2 == 0))));
        Assert.IsTrue(answers.All(a => a.Status == 201), string.Join('\n', answers.Select(a => a.Text)));
        Assert.HasCount(1, answers.Select(a => a.Text).Distinct());
        Assert.AreEqual(1, (await app.GetAsync("/v1/deposits", key)).Json.GetProperty("items").GetArrayLength());
        (await SendAsync(key, Body(Lines(99)))).MustBe(409, "idempotency-conflict");
        (await SendAsync(key, Body(Lines(100)), query: "?letter=onRequest")).MustBe(409, "idempotency-conflict");
    }

    [TestMethod]
    public async Task WhatIsWrongIsToldWithItsLineAndNothingIsKept()
    {
        var (_, key) = await app.TenantAsync();
        var lines = Lines(300).Split('\n')[..300];
        (lines[7], lines[200]) = ("{}", lines[0].Replace("size", "sice", StringComparison.Ordinal));
        var refused = (await SendAsync(key, Body(string.Join('\n', lines)))).MustBe(422, "list-refused").Json;
        Assert.AreEqual("8 digest, 201 line-members", string.Join(", ", refused.GetProperty("refusals").EnumerateArray()
            .Select(r => $"{r.GetProperty("line").GetInt64()} {r.GetProperty("code").GetString()}")));
        StringAssert.Contains(refused.GetProperty("detail").GetString(), "2 lines cannot be taken, first line 8 (digest)");
        Assert.AreEqual(100, (await SendAsync(key, Body(new string('\n', 1 << 20)))).MustBe(422, "list-refused").Json.GetProperty("refusals").GetArrayLength());

        (await SendAsync(key, Body(""))).MustBe(400, "malformed");
        (await SendAsync(key, Body(Lines(1)), idempotencyKey: null)).MustBe(400, "malformed");
        (await SendAsync(key, TestApp.Json(Lines(1)))).MustBe(415, "unsupported-media-type");
        var packed = Body(Lines(1));
        packed.Headers.ContentEncoding.Add("gzip");
        (await SendAsync(key, packed)).MustBe(400, "malformed");
        packed = Body(Lines(1));
        packed.Headers.ContentEncoding.Add("br");
        (await SendAsync(key, packed)).MustBe(415, "unsupported-media-type");
        (await SendAsync(key, Bomb())).MustBe(413, "too-large");
        foreach (var gzip in (bool[])[true, false])
        {
            (await SendAsync(key, Body(Lines(5), gzip), headers: ("Content-Digest", "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:")))
                .MustBe(422, "digest-mismatch");
        }

        Assert.AreEqual(0, (await app.GetAsync("/v1/deposits", key)).Json.GetProperty("items").GetArrayLength());
        Assert.AreEqual(201, (await SendAsync(key, Body(Lines(5)))).Status, "a refused request does not use its key up");
    }

    private static async Task<List<JsonElement>> FoundAsync(string key, string query, int count)
    {
        Answer page;
        var tries = 0;
        do
        {
            page = await app.GetAsync($"{Path}/items?{query}", key);
            Assert.AreEqual(200, page.Status, page.Text);
            await Task.Delay(tries > 0 ? 100 : 0);
        }
        while (page.Json.GetProperty("unindexed").GetArrayLength() > 0 && ++tries < 600);
        Assert.AreEqual(count, page.Json.GetProperty("items").GetArrayLength(), page.Text);
        return [.. page.Json.GetProperty("items").EnumerateArray()];
    }
}
