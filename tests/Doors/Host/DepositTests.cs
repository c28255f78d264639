namespace Notary.Host.Tests;

/// <summary>The deposit routes on the whole platform.</summary>
[TestClass]
public sealed class DepositTests
{
    private static TestApp app = null!;
    private static string key = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _)
    {
        app = await Fixture.WholeAppAsync();
        key = (await app.TenantAsync()).Key;
    }

    [TestMethod]
    public async Task AFileBecomesACertificateWithBundle()
    {
        var content = Encoding.UTF8.GetBytes("甲方与乙方……");
        var made = await app.SendAsync(HttpMethod.Post,
            "/v1/deposits/file?name=" + Uri.EscapeDataString("合同 1+1.txt") + "&note.contractNo=A-17", key, Body(content, "text/plain"),
            ("Content-Digest", Digest(content)));
        Assert.AreEqual(201, made.Status, made.Text);
        var id = made.Json.GetProperty("id").GetString()!;
        Assert.AreEqual($"/v1/deposits/{id}", made.Headers["Location"]);
        Assert.AreEqual("合同 1+1.txt", made.Json.GetProperty("manifest").GetProperty("items")[0].GetProperty("name").GetString());
        Assert.AreEqual("A-17", made.Json.GetProperty("manifest").GetProperty("notes").GetProperty("contractNo").GetString());

        (await app.GetAsync($"/v1/deposits/{id}/letter", key)).MustBe(409, "not-ready");
        var view = await CertifiedAsync(id);
        Assert.AreEqual(1, view.GetProperty("originals").GetArrayLength());

        var proof = await app.GetAsync($"/v1/deposits/{id}/proof", key);
        Assert.AreEqual(200, proof.Status, proof.Text);
        StringAssert.StartsWith(proof.Headers["Content-Type"], "text/plain");
        var letter = await app.GetAsync($"/v1/deposits/{id}/letter", key);
        Assert.AreEqual("application/pdf", letter.Headers["Content-Type"]);
        StringAssert.StartsWith(letter.Text, "%PDF-");
        var bundle = await app.GetAsync($"/v1/deposits/{id}/bundle?original=true", key);
        Assert.AreEqual("application/zip", bundle.Headers["Content-Type"], bundle.Text);
        using var zip = new System.IO.Compression.ZipArchive(new MemoryStream(bundle.Body));
        Assert.IsNotNull(zip.GetEntry("manifest.json"));
        Assert.IsTrue(zip.Entries.Any(e => e.FullName.StartsWith("original", StringComparison.Ordinal)), string.Join(' ', zip.Entries));
        var named = bundle.Body.AsSpan().LastIndexOf("original/0"u8);
        Assert.AreEqual(0, bundle.Body[named - 46 + 8] & 8, "its header is whole (APPNOTE 4.4.4, bit 3)");
        Assert.IsTrue(letter.Body.AsSpan().SequenceEqual(ReadAll(zip.GetEntry("letter.pdf")!)));

        Assert.AreEqual($"\"{Convert.ToHexStringLower(SHA256.HashData(letter.Body))}\"", letter.Headers["ETag"]);
        StringAssert.Contains(letter.Headers["Content-Disposition"], $"{id}.pdf");
        await ConditionsAsync($"/v1/deposits/{id}/letter", letter.Headers["ETag"]);
        var part = await app.GetAsync($"/v1/deposits/{id}/letter", key, ("Range", "bytes=-5"), ("If-Range", letter.Headers["ETag"]));
        Assert.AreEqual(206, part.Status);
        CollectionAssert.AreEqual(letter.Body[^5..], part.Body);
        await ConditionsAsync($"/v1/deposits/{id}/bundle?original=true", bundle.Headers["ETag"]);
        var slim = await app.GetAsync($"/v1/deposits/{id}/bundle", key);
        Assert.AreNotEqual(bundle.Headers["ETag"], slim.Headers["ETag"]);
        CollectionAssert.AreEqual(slim.Body, (await app.GetAsync($"/v1/deposits/{id}/bundle", key, ("If-Match", slim.Headers["ETag"]))).Body);
    }

    [TestMethod]
    public async Task AnAnnouncedDigestIsCheckedAndAMismatchKeepsNothing()
    {
        var before = await CountAsync();
        var wrong = await app.SendAsync(HttpMethod.Post, "/v1/deposits/file", key, Body("abc"u8.ToArray()), ("Content-Digest", Digest("abd"u8.ToArray())));
        wrong.MustBe(422, "digest-mismatch");
        Assert.AreEqual(before, await CountAsync());

        // Both algorithms are checked, each for itself and beside the other; bodies over 256 KiB take another way to storage.
        foreach (var content in new[] { [], "abc"u8.ToArray(), RandomNumberGenerator.GetBytes(300_000) })
        {
            var (sha512, other) = ($"sha-512=:{Convert.ToBase64String(SHA512.HashData(content))}:",
                $"sha-512=:{Convert.ToBase64String(SHA512.HashData([1]))}:");
            foreach (var header in new[] { other, $"{Digest(content)}, {other}", $"{other}, {Digest(content)}", $"{sha512}, {Digest([1])}" })
                (await SendAsync(content, header)).MustBe(422, "digest-mismatch");

            Assert.AreEqual(before, await CountAsync());
            foreach (var header in new[] { sha512, $"{Digest(content)}, {sha512}" })
                Assert.AreEqual(201, (await SendAsync(content, header)).Status, header);

            before = await CountAsync();
        }

        foreach (var header in new[] { "sha-512=:AAAA:", "md5=:AAAA:", "sha-256=AAAA", "sha-256=:AAAA:", "sha-256=:****:", "nonsense" })
            (await SendAsync("abc"u8.ToArray(), header)).MustBe(400, "malformed");

        // An empty file needs a key.
        Task<Answer> SendAsync(byte[] content, string digest) => app.SendAsync(HttpMethod.Post, "/v1/deposits/file", key, Body(content),
            ("Content-Digest", digest), ("Idempotency-Key", Guid.NewGuid().ToString()));
    }

    [TestMethod]
    public async Task DigestsAreDepositedAndTheOriginalMustMatch()
    {
        var content = RandomNumberGenerator.GetBytes(1000);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(content));
        var made = await app.PostAsync("/v1/deposits", key,
            $$"""{"items":[{"digests":{"sha-256":"{{sha256}}"},"name":"a.bin"}],"notes":{"k":"v"},"letter":"onRequest"}""");
        Assert.AreEqual(201, made.Status, made.Text);
        var id = made.Json.GetProperty("id").GetString();
        (await app.GetAsync($"/v1/deposits/{id}/original", key)).MustBe(404, "not-found");
        (await app.SendAsync(HttpMethod.Put, $"/v1/deposits/{id}/original", key, Body("other"u8.ToArray()))).MustBe(422, "digest-mismatch");
        (await app.SendAsync(HttpMethod.Put, $"/v1/deposits/{id}/original?item=1", key, Body(content))).MustBe(404, "not-found");
        foreach (var announced in new[] { Digest([1]), $"sha-512=:{Convert.ToBase64String(SHA512.HashData([1]))}:" })
            (await app.SendAsync(HttpMethod.Put, $"/v1/deposits/{id}/original", key, Body(content), ("Content-Digest", announced)))
                .MustBe(422, "digest-mismatch");

        (await app.GetAsync($"/v1/deposits/{id}/original", key)).MustBe(404, "not-found");
        for (var again = 0; again < 2; again++)
            Assert.AreEqual(204,
                (await app.SendAsync(HttpMethod.Put, $"/v1/deposits/{id}/original?item=0", key, Body(content), ("Content-Digest", Digest(content)))).Status);

        CollectionAssert.AreEqual(content, (await app.GetAsync($"/v1/deposits/{id}/original", key)).Body);
        var found = await app.GetAsync($"/v1/deposits?sha256={sha256}", key);
        Assert.AreEqual(id, found.Json.GetProperty("items")[0].GetProperty("id").GetString(), found.Text);
    }

    [TestMethod]
    public async Task RangesOfAnOriginal()
    {
        var content = RandomNumberGenerator.GetBytes(100_000);
        var made = await app.SendAsync(HttpMethod.Post, "/v1/deposits/file?name=r.bin", key, Body(content, "image/png"));
        var path = $"/v1/deposits/{made.Json.GetProperty("id").GetString()}/original";

        var all = await app.GetAsync(path, key, ("Range", "bytes=0-1,5-6"));
        Assert.AreEqual(200, all.Status, all.Text);
        CollectionAssert.AreEqual(content, all.Body);
        Assert.AreEqual("bytes", all.Headers["Accept-Ranges"]);
        Assert.AreEqual("image/png", all.Headers["Content-Type"]);
        Assert.AreEqual("nosniff", all.Headers["X-Content-Type-Options"]);
        StringAssert.StartsWith(all.Headers["Content-Disposition"], "attachment");
        Assert.AreEqual(Digest(content), all.Headers["Repr-Digest"]);
        var etag = all.Headers["ETag"];
        Assert.AreEqual($"\"{Convert.ToHexStringLower(SHA256.HashData(content))}\"", etag);

        foreach (var (range, from, to) in new[] { ("bytes=0-0", 0, 0), ("bytes=10-99", 10, 99), ("bytes=99990-", 99_990, 99_999), ("bytes=-7", 99_993, 99_999),
            ("bytes=99999-200000", 99_999, 99_999), ("bytes=-200000", 0, 99_999),
            ("bytes=99998-99999999999999999999", 99_998, 99_999), ("bytes=-99999999999999999999", 0, 99_999) })
        {
            var part = await app.GetAsync(path, key, ("Range", range), ("If-Range", etag));
            Assert.AreEqual(206, part.Status, range);
            Assert.AreEqual($"bytes {from}-{to}/100000", part.Headers["Content-Range"]);
            CollectionAssert.AreEqual(content[from..(to + 1)], part.Body, range);
        }

        foreach (var ignored in new[] { "bytes=5-2", "bytes=a-b", "lines=1-2", "bytes=", "bytes=--1" })
            Assert.AreEqual(200, (await app.GetAsync(path, key, ("Range", ignored))).Status, ignored);

        Assert.AreEqual("bytes */100000",
            (await app.GetAsync(path, key, ("Range", "bytes=100000-"))).MustBe(416, "range-not-satisfiable").Headers["Content-Range"]);
        (await app.GetAsync(path, key, ("Range", "bytes=-0"))).MustBe(416, "range-not-satisfiable");
        (await app.GetAsync(path, key, ("Range", "bytes=99999999999999999999-"))).MustBe(416, "range-not-satisfiable");
        Assert.AreEqual(200, (await app.SendAsync(HttpMethod.Head, path, key, null, ("Range", "bytes=0-1"))).Status);
        Assert.AreEqual(200, (await app.GetAsync(path, key, ("Range", "bytes=0-1"), ("If-Range", "\"other\""))).Status);
        Assert.AreEqual(200, (await app.GetAsync(path, key, ("Range", "bytes=0-1"), ("If-Range", "W/" + etag))).Status, "a weak tag does not vouch for bytes");
        Assert.AreEqual(200, (await app.GetAsync(path, key, ("Range", "bytes=0-1"), ("If-Range", "Sun, 22 Nov 2026 00:00:00 GMT"))).Status);
        await ConditionsAsync(path, etag);
        Assert.AreEqual(206, (await app.GetAsync(path, key, ("Range", "bytes=0-1"), ("If-Match", etag))).Status);
        (await app.GetAsync(path, key, ("Range", "bytes=100000-"), ("If-Match", "\"other\""))).MustBe(412, "precondition-failed");
        var head = await app.SendAsync(HttpMethod.Head, path, key);
        Assert.AreEqual(200, head.Status);
        Assert.AreEqual("100000", head.Headers["Content-Length"]);
        Assert.IsEmpty(head.Body);
    }

    /// <summary>RFC 9110 §13.1 and §13.2.2 on a resource with a strong tag.</summary>
    private static async Task ConditionsAsync(string path, string etag)
    {
        foreach (var (header, value, status) in new[]
        {
            ("If-Match", etag, 200), ("If-Match", "*", 200), ("If-Match", $"\"other\", {etag}", 200),
                ("If-Match", "\"other\"", 412), ("If-Match", "W/" + etag, 412), ("If-Match", "nonsense", 412),
            ("If-None-Match", etag, 304), ("If-None-Match", "*", 304), ("If-None-Match", "W/" + etag, 304), ("If-None-Match",
                $"\"other\", {etag}", 304), ("If-None-Match", "\"other\"", 200), ("If-None-Match", "nonsense", 200),
        })
        {
            foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head })
            {
                var answer = await app.SendAsync(method, path, key, null, (header, value));
                Assert.AreEqual(status, answer.Status, $"{method} {path} {header}: {value}");
                Assert.AreEqual(status == 412 ? null : etag, answer.Headers.GetValueOrDefault("ETag"));
                Assert.AreEqual(status == 304 || method == HttpMethod.Head, answer.Body.Length == 0, $"{method} {path} {header}: {value}");
            }
        }

        // If-Match is judged first.
        (await app.GetAsync(path, key, ("If-Match", "\"other\""), ("If-None-Match", etag))).MustBe(412, "precondition-failed");
        Assert.AreEqual(304, (await app.GetAsync(path, key, ("If-Match", etag), ("If-None-Match", etag))).Status);
    }

    [TestMethod]
    public async Task NamesAreMetadataOfAnyKind()
    {
        var names = new[]
        {
            "../../etc/passwd", "a\u0301\u200d👩‍👩‍👧", new string('n', 255), new string('很', 84) + ".pdf", new string('很', 255),
            "CON", " ", "a;b\"c\\d", "100%25",
        };
        foreach (var name in names)
        {
            var made = await app.SendAsync(HttpMethod.Post, "/v1/deposits/file?letter=onRequest&name=" + Uri.EscapeDataString(name), key, Body([]),
                ("Idempotency-Key", Guid.NewGuid().ToString()));
            Assert.AreEqual(201, made.Status, made.Text);
            Assert.AreEqual(name, made.Json.GetProperty("manifest").GetProperty("items")[0].GetProperty("name").GetString());
            var read = await app.GetAsync($"/v1/deposits/{made.Json.GetProperty("id").GetString()}/original", key);
            Assert.AreEqual(200, read.Status, read.Text);
            Assert.IsEmpty(read.Body);
        }

        var header = await app.SendAsync(HttpMethod.Post, "/v1/deposits/file?letter=onRequest", key, Body([1]),
            ("Content-Disposition", "attachment; filename=\"x.txt\"; filename*=UTF-8''%E5%90%88+%E5%90%8C.txt"));
        Assert.AreEqual("合+同.txt", header.Json.GetProperty("manifest").GetProperty("items")[0].GetProperty("name").GetString());
        foreach (var (sent, wanted) in new[] { ("UTF-8'zh-CN'%E5%90%88.pdf", "合.pdf"), ("utf-8'en'a.pdf", "a.pdf"), ("UTF-8''it's.pdf", "it's.pdf") })
        {
            var spoken = await app.SendAsync(HttpMethod.Post, "/v1/deposits/file?letter=onRequest", key, Body([1]),
                ("Content-Disposition", $"attachment; filename*={sent}"));
            Assert.AreEqual(201, spoken.Status, spoken.Text);
            Assert.AreEqual(wanted, spoken.Json.GetProperty("manifest").GetProperty("items")[0].GetProperty("name").GetString());
        }

        foreach (var (sent, why) in new[]
        {
            ("UTF-8'zh CN'a", "well formed"), ("UTF-8'a", "well formed"), ("GBK''a", "well formed"), ("UTF-8'zh'%FF", "filename*"),
        })
        {
            var refused = await app.SendAsync(HttpMethod.Post, "/v1/deposits/file", key, Body([1]),
                ("Content-Disposition", $"attachment; filename*={sent}"));
            StringAssert.Contains(refused.MustBe(400, "malformed").Json.GetProperty("detail").GetString(), why);
        }

        foreach (var query in new[] { "name=" + new string('n', 256), "name=%FF",
            "name=a&name=b", "name=a%00", "unknown=1", "note.=x", "letter=maybe", "previous=12" })
            (await app.SendAsync(HttpMethod.Post, "/v1/deposits/file?" + query, key, Body([1]))).MustBe(400, "malformed");
    }

    [TestMethod]
    public async Task TheSameKeyGivesTheSameReceiptAHundredTimesAtOnce()
    {
        var header = ("Idempotency-Key", Guid.NewGuid().ToString());
        var digest = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var body = $$$"""{"items":[{"digests":{"sha-256":"{{{digest}}}"}}],"letter":"onRequest"}""";
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => app.PostAsync("/v1/deposits", key, body, header)));
        Assert.IsTrue(answers.All(a => a.Status == 201), answers.First(a => a.Status != 201 || true).Text);
        Assert.HasCount(1, answers.Select(a => a.Text).Distinct());
        (await app.PostAsync("/v1/deposits", key, body.Replace("onRequest", "eager", StringComparison.Ordinal), header)).MustBe(409, "idempotency-conflict");

        var file = ("Idempotency-Key", $"\"{Guid.NewGuid()}\"");
        var files = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(_ => app.SendAsync(HttpMethod.Post, "/v1/deposits/file?letter=onRequest", key, Body([1, 2]), file)));
        Assert.HasCount(1, files.Select(a => a.Text).Distinct());
        (await app.SendAsync(HttpMethod.Post, "/v1/deposits/file?letter=onRequest", key, Body([1, 3]), file)).MustBe(409, "idempotency-conflict");
    }

    [TestMethod]
    public async Task TheListGoesOn()
    {
        var (_, own) = await app.TenantAsync();
        var made = new List<string>();
        for (var i = 0; i < 5; i++)
            made.Add(
                (await app.PostAsync("/v1/deposits", own,
                    $$$"""{"items":[{"digests":{"sha-256":"{{{new string((char)('a' + i), 64)}}}"}}],"letter":"onRequest"}""")).Json.GetProperty("id")
                    .GetString()!);

        CollectionAssert.AreEqual(made, await SeenAsync("limit=2", own));
        CollectionAssert.AreEqual(Enumerable.Reverse(made).ToList(), await SeenAsync("order=newest&limit=2", own));
        CollectionAssert.AreEqual(made, Enumerable.Reverse(await SeenAsync("order=newest&limit=3&since=2026-11-01", own)).ToList());
        CollectionAssert.AreEqual(Array.Empty<string>(), await SeenAsync("order=newest&until=2026-11-01T00:00:00Z", own));
        CollectionAssert.AreEqual(Array.Empty<string>(), await SeenAsync("order=newest&text=nowhere", own));
    }

    [TestMethod]
    [DataRow("order=oldest&text=a")]
    [DataRow("since=2026-11-01")]
    [DataRow("order=newest&sha256=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [DataRow("order=sideways")]
    [DataRow("order=newest&since=2026-11-31")]
    [DataRow("order=newest&until=2026-11-01T00:00:00%2B08:00")]
    [DataRow("order=newest&text=")]
    [DataRow("order=newest&continuation=0193")]
    public async Task AListThatCannotBeIsRefused(string query)
        => (await app.GetAsync("/v1/deposits?" + query, key)).MustBe(400, "malformed");

    private static async Task<List<string>> SeenAsync(string query, string own)
    {
        var seen = new List<string>();
        string? next = null;
        do
        {
            var page = await app.GetAsync($"/v1/deposits?{query}" + (next is null ? "" : "&continuation=" + next), own);
            Assert.AreEqual(200, page.Status, page.Text);
            seen.AddRange(page.Json.GetProperty("items").EnumerateArray().Select(d => d.GetProperty("id").GetString()!));
            next = page.Json.TryGetProperty("continuation", out var more) ? more.GetString() : null;
        }
        while (next is not null);
        return seen;
    }

    internal static ByteArrayContent Body(byte[] bytes, string? type = null)
    {
        var content = new ByteArrayContent(bytes);
        if (type is not null)
            content.Headers.ContentType = new(type);

        return content;
    }

    internal static async Task<JsonElement> CertifiedAsync(string id)
    {
        for (var i = 0; i < 1200; i++)
        {
            var view = await app.GetAsync($"/v1/deposits/{id}", key);
            Assert.AreEqual(200, view.Status, view.Text);
            if (view.Json.GetProperty("state").GetString() == "Certified")
                return view.Json;

            await Task.Delay(500);
        }

        throw new TimeoutException((await app.GetAsync($"/v1/deposits/{id}", key)).Text + (await app.GetAsync("/v1/processes", app.Operator)).Text);
    }

    private static async Task<int> CountAsync() => (await app.GetAsync("/v1/deposits?limit=100", key)).Json.GetProperty("items").GetArrayLength();

    private static string Digest(byte[] content) => $"sha-256=:{Convert.ToBase64String(SHA256.HashData(content))}:";

    private static byte[] ReadAll(System.IO.Compression.ZipArchiveEntry entry)
    {
        using var stream = entry.Open();
        using var all = new MemoryStream();
        stream.CopyTo(all);
        return all.ToArray();
    }
}
