using Notary.Evidence.Forensics.Captures;
using Notary.Recorder.Desktop;

namespace Notary.Recorder.Captures;

/// <summary>The answers that the browser has of a page, with their bodies.</summary>
/// <param name="browser">The browser's pipe.</param>
/// <param name="session">Of the page.</param>
/// <param name="charset">Of the page's document: what it, its scripts and its styles are in where they do not say.</param>
internal sealed class Archive(BrowserPipe browser, string session, string charset)
{
    /// <summary>What inherits the document's character set; data is UTF-8.</summary>
    private static readonly string[] Inherits = ["Document", "Script", "Stylesheet"];

    /// <summary>Bytes of all bodies: what the browser is asked to keep of a page.</summary>
    public const int MostBytes = 128 * 1024 * 1024;

    /// <summary>Characters of a reason, of an address in the report.</summary>
    private const int MostWhy = 200, MostAddress = 8192;

    private readonly List<MissingResponse> missing = [];

    /// <summary>What could not be had: the first of them.</summary>
    public IReadOnlyList<MissingResponse> Missing => [.. missing.Take(CaptureFormat.MaxListed)];

    public async Task<IReadOnlyList<Exchange>> TakeAsync(IReadOnlyList<WireRequest> requests, CancellationToken cancel)
    {
        var (exchanges, bytes) = (new List<Exchange>(), 0L);
        foreach (var request in requests)
        {
            if (request.Response is not { } response)
            {
                Miss(request, request.Failed ?? "no answer yet");
                continue;
            }

            var status = response["status"]?.GetValue<int>() ?? 0;
            byte[]? body = [];
            if (status is not (>= 300 and < 400) and not 204)
                body = await BodyAsync(request, response, cancel);

            if (body is null)
                continue;

            if ((bytes += body.Length) > MostBytes)
            {
                Miss(request, $"all together are more than {MostBytes} bytes");
                bytes -= body.Length;
                continue;
            }

            exchanges.Add(new Exchange(Bare(request.Address), request.At, request.Method, Fields(request.Headers), status,
                response["statusText"]?.GetValue<string>() ?? "", Fields(response["headers"]!.AsObject()), body));
        }

        return exchanges;
    }

    /// <summary>An address without its fragment, which no server is told.</summary>
    public static string Bare(string address) => address.Split('#', 2)[0];

    private async Task<byte[]?> BodyAsync(WireRequest request, JsonNode response, CancellationToken cancel)
    {
        if (!request.Body)
        {
            Miss(request, request.Failed ?? "still loading");
            return null;
        }

        try
        {
            var said = await browser.SendAsync("Network.getResponseBody", new JsonObject { ["requestId"] = request.Id }, session, cancel);
            var text = said["body"]!.GetValue<string>();
            var body = said["base64Encoded"]!.GetValue<bool>() ? Convert.FromBase64String(text) : Charset(request).GetBytes(text);
            if (Stated(response) is { } length && length != body.Length)
                Miss(request, $"{body.Length} bytes of {length}: it is not as it came, byte for byte");

            if (body.Length <= CaptureFormat.MaxBody)
                return body;

            Miss(request, $"more than {CaptureFormat.MaxBody} bytes");
        }
        catch (ToolException e) when (!cancel.IsCancellationRequested)
        {
            Miss(request, e.Message);
        }

        return null;
    }

    /// <summary>The browser gives text as characters: they become the bytes that they were.</summary>
    private Encoding Charset(WireRequest request)
    {
        var name = request.Response!["charset"]?.GetValue<string>() is { Length: > 0 } own ? own : Inherits.Contains(request.Kind) ? charset : "utf-8";
        try
        {
            return name.Equals("utf-8", StringComparison.OrdinalIgnoreCase) ? Utf8
                : CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
        }
        catch (ArgumentException)
        {
            return Utf8;
        }
    }

    /// <summary>The length that an answer without content coding states.</summary>
    private static long? Stated(JsonNode response)
    {
        var fields = Fields(response["headers"]!.AsObject());
        string? Field(string name) => fields.Find(f => f.Item1.Equals(name, StringComparison.OrdinalIgnoreCase)).Item2;
        return Field("content-encoding") is null && long.TryParse(Field("content-length"), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? length : null;
    }

    private static readonly UTF8Encoding Utf8 = new(false);

    private void Miss(WireRequest request, string why) => missing.Add(new(Cut(request.Address, MostAddress), Cut(why, MostWhy)));

    private static string Cut(string text, int most) => text.Length <= most ? text : text[..most];

    // Fields that came several times are lines of one value.
    private static List<(string, string)> Fields(JsonObject headers)
        => [.. headers.SelectMany(h => h.Value!.GetValue<string>().Split('\n').Select(value => (h.Key, value)))];
}
