using System.Net;
using System.Text.RegularExpressions;

namespace Notary.Pages.Tests;

/// <summary>What every page and asset is, before any browser sees it.</summary>
[TestClass]
public sealed partial class PageTests
{
    private static GallerySite site = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => site = await Fixture.GalleryAsync();

    [TestMethod]
    [DataRow("", null, null, "zh-CN")]
    [DataRow("", null, "en-GB,en;q=0.9", "en")]
    [DataRow("", null, "fr, en;q=0.2, zh-TW;q=0.9", "zh-CN")]
    [DataRow("", null, "fr, de", "zh-CN")]
    [DataRow("", null, "zh;q=0, en;q=0.1", "en")]
    [DataRow("", null, ";;;\"", "zh-CN")]
    [DataRow("", "en", "zh-CN", "en")]
    [DataRow("", "nonsense", "en", "en")]
    [DataRow("?lang=zh", "en", "en", "zh-CN")]
    [DataRow("?lang=en", "zh", "zh", "en")]
    [DataRow("?lang=xx", "en", "zh", "en")]
    public async Task TheLanguageIsTheOneChosenElseRememberedElseAccepted(string query, string? cookie, string? accept, string language)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/gallery" + query);
        if (cookie is not null)
            request.Headers.Add("Cookie", $"lang={cookie}");

        if (accept is not null)
            request.Headers.TryAddWithoutValidation("Accept-Language", accept);

        using var answer = await site.Http.SendAsync(request);
        Assert.Contains($"<html lang=\"{language}\">", await answer.Content.ReadAsStringAsync());
        var chosen = query is "?lang=zh" or "?lang=en";
        Assert.AreEqual(chosen, answer.Headers.TryGetValues("Set-Cookie", out var set));
        if (chosen)
            StringAssert.StartsWith(set!.Single(), $"lang={query[^2..]}; max-age=31536000; path=/; secure; samesite=lax; httponly");
    }

    [TestMethod]
    [DataRow("", "?lang=en")]
    [DataRow("?lang=zh", "?lang=en")]
    [DataRow("?a=1&lang=zh&b=%2F", "?a=1&amp;b=%2F&amp;lang=en")]
    [DataRow("?%22%3E%3Cscript%3E", "?%22%3E%3Cscript%3E&amp;lang=en")]
    public async Task TheOtherLanguageIsTheSamePage(string query, string link)
        => Assert.Contains($"<a href=\"{link}\" lang=\"en\" hreflang=\"en\">English</a>", await site.Http.GetStringAsync("/gallery" + query));

    [TestMethod]
    public async Task WhatAStrangerWroteIsText()
    {
        var html = await site.Http.GetStringAsync("/gallery");
        Assert.DoesNotContain("<script>alert", html);
        Assert.Contains("value=\"&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;&#x27;\"", html);
        Assert.Contains("样张", html);
    }

    [TestMethod]
    public async Task HeadersAllowAPageNothingThatItDoesNotNeed()
    {
        using var plain = await site.Http.GetAsync("/gallery");
        Assert.AreEqual("default-src 'none'; style-src 'self'; img-src 'self'; connect-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
            One(plain, "Content-Security-Policy"));
        Assert.AreEqual("nosniff", One(plain, "X-Content-Type-Options"));
        Assert.AreEqual("same-origin", One(plain, "Cross-Origin-Opener-Policy"));
        Assert.AreEqual("same-origin", One(plain, "Referrer-Policy"));
        Assert.AreEqual("no-cache", One(plain, "Cache-Control"));
        Assert.AreEqual("text/html; charset=utf-8", plain.Content.Headers.ContentType!.ToString());

        using var own = await site.Http.GetAsync("/private");
        Assert.AreEqual(HttpStatusCode.Forbidden, own.StatusCode);
        Assert.AreEqual("no-store", One(own, "Cache-Control"));
        Assert.Contains("script-src 'self'; worker-src 'self'; connect-src 'self';", One(own, "Content-Security-Policy"));
    }

    [TestMethod]
    public async Task AnAssetIsKeptForEverUnderItsHashAndNotAtAllUnderAnother()
    {
        var path = Sheet().Match(await site.Http.GetStringAsync("/gallery")).Value;
        using var asset = await site.Http.GetAsync(path);
        var bytes = await asset.Content.ReadAsByteArrayAsync();
        Assert.AreEqual("public, max-age=31536000, immutable", One(asset, "Cache-Control"));
        Assert.AreEqual("text/css; charset=utf-8", asset.Content.Headers.ContentType!.ToString());
        Assert.AreEqual($"/assets/console.{Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]}.css", path);

        // A page of another release, whose asset this process does not have.
        using var other = await site.Http.GetAsync("/assets/console.0000000000000000.css");
        Assert.AreEqual("no-store", One(other, "Cache-Control"));
        CollectionAssert.AreEqual(bytes, await other.Content.ReadAsByteArrayAsync());
        foreach (var none in new[] { "console.css", "none.0000000000000000.css", "console.0000000000000000.js", ".0000000000000000.css", "..%2Fconsole.css" })
            Assert.AreEqual(HttpStatusCode.NotFound, (await site.Http.GetAsync($"/assets/{none}")).StatusCode, none);
    }

    [TestMethod]
    [DataRow("br, gzip", "br")]
    [DataRow("gzip", "gzip")]
    [DataRow("br;q=0, gzip;q=0.5", "gzip")]
    [DataRow("zstd", null)]
    public async Task AnAssetIsPackedAsTheBrowserTakesIt(string accept, string? coding)
    {
        var path = Sheet().Match(await site.Http.GetStringAsync("/gallery")).Value;
        var plain = await site.Http.GetByteArrayAsync(path);
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept-Encoding", accept);
        using var answer = await site.Http.SendAsync(request);
        Assert.AreEqual(coding, answer.Content.Headers.ContentEncoding.SingleOrDefault());
        Assert.AreEqual("Accept-Encoding", One(answer, "Vary"));
        using var packed = await answer.Content.ReadAsStreamAsync();
        using Stream unpacked = coding switch
        {
            "br" => new System.IO.Compression.BrotliStream(packed, System.IO.Compression.CompressionMode.Decompress),
            "gzip" => new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionMode.Decompress),
            _ => packed,
        };
        using var bytes = new MemoryStream();
        await unpacked.CopyToAsync(bytes);
        CollectionAssert.AreEqual(plain, bytes.ToArray());
    }

    private static string One(HttpResponseMessage answer, string header) => string.Join(',', answer.Headers.GetValues(header));

    [GeneratedRegex("/assets/console[^\"]+")]
    private static partial Regex Sheet();
}
