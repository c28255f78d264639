using System.Collections.Frozen;
using System.IO.Compression;
using System.Reflection;

namespace Notary.Pages;

/// <summary>A file that pages need, under a name that changes with its content, so that browsers may keep it for ever.</summary>
public sealed class Asset
{
    /// <summary>The path under which assets are served.</summary>
    public const string Path = "/assets/";

    // 64 bits: a name is no proof, it only has to differ from the names that this file had before.
    private const int HashDigits = 16;

    // Made when the first page is asked for, not when the process starts.
    private static readonly Lazy<FrozenDictionary<string, Asset>> All = new(() => Read("assets/"));
    private static readonly Lazy<FrozenDictionary<string, Asset>> Written = new(() => Read("documents/"));

    private readonly Lazy<byte[]> brotli, gzip;

    private Asset(string name, byte[] bytes)
    {
        (Name, Bytes) = (name, bytes);
        Hash = Convert.ToHexStringLower(SHA256.HashData(bytes))[..HashDigits];
        MediaType = System.IO.Path.GetExtension(name) switch
        {
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".svg" => "image/svg+xml",
            ".md" or ".txt" => "text/plain; charset=utf-8",
            var other => throw new InvalidOperationException($"an asset may not be {other}"),
        };
        brotli = new(() => Pack(stream => new BrotliStream(stream, CompressionLevel.SmallestSize)));
        gzip = new(() => Pack(stream => new GZipStream(stream, CompressionLevel.SmallestSize)));
    }

    /// <summary>Its name in this project, such as <c>console.css</c>.</summary>
    public string Name { get; }

    public string MediaType { get; }

    internal byte[] Bytes { get; }

    internal string Hash { get; }

    /// <summary>Where a page finds the asset: <c>/assets/console.0123456789abcdef.css</c>.</summary>
    /// <exception cref="KeyNotFoundException">There is no such asset.</exception>
    public static string Url(string name) => Path + All.Value[name].HashedName;

    /// <summary>Serves an asset by its hashed name.</summary>
    public static IResult Serve(HttpContext http, string name)
    {
        // While a release replaces another, a page of the one may ask the other for its asset: better a newer one than none, but not for long.
        var plain = Plain(name);
        return plain is null || !All.Value.TryGetValue(plain, out var asset) ? Results.NotFound()
            : asset.Answer(http, name == asset.HashedName ? "public, max-age=31536000, immutable" : "no-store");
    }

    /// <summary>Serves one of the documents that stand in <c>docs/</c>.</summary>
    public static IResult ServeDocument(HttpContext http, string name)
        => Written.Value.TryGetValue(name, out var document) ? document.Answer(http, "no-cache") : Results.NotFound();

    private string HashedName => $"{System.IO.Path.GetFileNameWithoutExtension(Name)}.{Hash}{System.IO.Path.GetExtension(Name)}";

    private static string? Plain(string hashed)
        => hashed.Split('.') is [var stem, { Length: HashDigits }, var extension] ? $"{stem}.{extension}" : null;

    private IResult Answer(HttpContext http, string cache)
    {
        var headers = http.Response.Headers;
        headers.CacheControl = cache;
        headers.Vary = "Accept-Encoding";
        headers.XContentTypeOptions = "nosniff";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";

        // A worker does not inherit its page's policy: this one can compute, and speak to nobody but its page.
        if (Name.EndsWith("-worker.js", StringComparison.Ordinal))
            headers.ContentSecurityPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'";

        var accepted = http.Request.GetTypedHeaders().AcceptEncoding.Where(e => e.Quality is not 0).Select(e => e.Value.ToString()).ToList();
        var (coding, bytes) = accepted.Contains("br") ? ("br", brotli.Value) : accepted.Contains("gzip") ? ("gzip", gzip.Value) : (null, Bytes);
        if (coding is not null)
            headers.ContentEncoding = coding;

        return Results.Bytes(bytes, MediaType);
    }

    private byte[] Pack(Func<Stream, Stream> open)
    {
        using var packed = new MemoryStream();
        using (var into = open(packed))
            into.Write(Bytes);

        return packed.ToArray();
    }

    private static FrozenDictionary<string, Asset> Read(string folder)
    {
        var from = Assembly.GetExecutingAssembly();
        return from.GetManifestResourceNames().Where(name => name.StartsWith(folder, StringComparison.Ordinal)).Select(name =>
        {
            using var stream = from.GetManifestResourceStream(name)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return new Asset(name[folder.Length..], bytes);
        }).ToFrozenDictionary(asset => asset.Name, StringComparer.Ordinal);
    }
}
