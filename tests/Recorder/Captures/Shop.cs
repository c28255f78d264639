using System.Net.Http;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Notary.Recorder.Tests.Captures;

/// <summary>A site of three shapes, and a proxy that rewrites one of its pages on the way.</summary>
internal sealed class Shop : IAsyncDisposable
{
    /// <summary>What the pages say, and what it is made by whoever changes them.</summary>
    public const string Price = "The price is 100 yuan.", Forged = "The price is 900 yuan.";

    /// <summary>Items of an answer of the endless page.</summary>
    public const int Page = 20;

    private const string Style = "<style>body{font:16px sans-serif;margin:20px}"
        + "p::before{content:'\\2014\\20'}li{height:40px}h1{text-transform:uppercase}</style>";

    private readonly WebApplication site, proxy;
    private readonly HttpClient way = new(new SocketsHttpHandler { UseProxy = false });

    private Shop()
    {
        (site, proxy) = (Build(Certificate), Build(null));
        site.MapGet("/served", () => Html($"<h1>Offer</h1><p>{Price}</p><p>全新 &amp; 未拆封&nbsp;&mdash; caf&eacute;</p><input placeholder=Search>"
            + "<ul><li>one<li>two</ul>"));
        site.MapGet("/gbk", () => Results.Bytes(CodePagesEncodingProvider.Instance.GetEncoding("gb18030")!.GetBytes(
            $"<!doctype html><meta charset=gbk><title>报价</title><h1>价格：一百元</h1><p>{Price}</p>"), "text/html"));
        site.MapGet("/scripted", () => Html("<div id=list></div><script>fetch('/data.json').then(r => r.json()).then(d => {"
            + "for (const item of d) { const p = document.createElement('p'); p.textContent = item.name; list.append(p) }"
            + "document.title = 'done' })</script>"));
        site.MapGet("/data.json", () => Results.Text(
            """[{"name":"Red caf\u00e9 chair"},{"name":"蓝色的椅子"},{"name":"The price is 100 yuan."}]""", "application/json"));
        site.MapGet("/endless", () => Html("<ul id=list></ul><script>let n = 0, busy = false; async function more() { if (busy) return; busy = true;"
            + "for (const t of await (await fetch('/items?page=' + n++)).json()) { "
            + "const li = document.createElement('li'); li.textContent = t; list.append(li) }"
            + "busy = false; document.title = 'pages ' + n; if (innerHeight >= document.body.scrollHeight) more() }"
            + "addEventListener('scroll', () => { if (innerHeight + scrollY > document.body.scrollHeight - 10) more() }); more()</script>"));
        site.MapGet("/items", (int page) => Results.Json(Enumerable.Range(page * Page, Page).Select(i => $"Item number {i} of many")));
        proxy.Run(ForwardAsync);
    }

    public Uri Url => new(site.Urls.First(url => url.StartsWith("http:", StringComparison.Ordinal)));

    public Uri Secure => new(site.Urls.First(url => url.StartsWith("https:", StringComparison.Ordinal)));

    public IReadOnlyList<IPEndPoint> EndPoints => [new(IPAddress.Loopback, Url.Port), new(IPAddress.Loopback, Secure.Port)];

    /// <summary>Of the site, signed by itself.</summary>
    public X509Certificate2 Certificate { get; } = Sign();

    public Uri Proxy => new(proxy.Urls.First());

    public static async Task<Shop> StartAsync()
    {
        var shop = new Shop();
        await shop.site.StartAsync();
        await shop.proxy.StartAsync();
        return shop;
    }

    public async ValueTask DisposeAsync()
    {
        await proxy.DisposeAsync();
        await site.DisposeAsync();
        Certificate.Dispose();
        way.Dispose();
    }

    private static WebApplication Build(X509Certificate2? certificate)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            if (certificate is not null)
                kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate));
        });
        return builder.Build();
    }

    private static X509Certificate2 Sign()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=shop.example", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    private static IResult Html(string body) => Results.Content(
        $"<!doctype html><html><head><title>Shop</title>{Style}</head><body>{body}</body></html>", "text/html; charset=utf-8");

    private async Task ForwardAsync(HttpContext context)
    {
        var to = new Uri(Url, context.Request.Path + context.Request.QueryString);
        using var answer = await way.GetAsync(to, context.RequestAborted);
        var body = await answer.Content.ReadAsByteArrayAsync(context.RequestAborted);
        (context.Response.StatusCode, context.Response.ContentType) = ((int)answer.StatusCode, answer.Content.Headers.ContentType?.ToString());
        if (context.Request.QueryString.Value == "?proxied")
            body = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(body).Replace(Price, Forged, StringComparison.Ordinal));

        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}
