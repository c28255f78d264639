namespace Notary.Soak;

/// <summary>A route of the published description.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Path">Its path, the parameters in braces.</param>
/// <param name="Key">A key that may call it; empty where none is needed.</param>
/// <param name="WrongKey">A valid key of another role; empty where none is needed.</param>
/// <param name="Query">The names of its query's parameters.</param>
/// <param name="BodyTypes">The media types of its body.</param>
/// <param name="Statuses">The statuses it may answer with.</param>
/// <param name="There">Values of the path's parameters under which there is something.</param>
internal sealed record Operation(string Method, string Path, string Key, string WrongKey, IReadOnlyList<string> Query,
    IReadOnlyList<string> BodyTypes, IReadOnlyList<string> Statuses, IReadOnlyDictionary<string, string> There)
{
    public bool TakesJson => BodyTypes.Contains("application/json");

    public bool TakesFile => Path.EndsWith("/file", StringComparison.Ordinal) || (Method == "PUT" && Path.EndsWith("/original", StringComparison.Ordinal));
}

/// <summary>What an answer must be.</summary>
internal enum Demand
{
    /// <summary>A 4xx that is a problem with a documented code.</summary>
    Refusal,

    /// <summary>The same, or a connection that is closed: the request never became whole.</summary>
    RefusalOrClose,

    /// <summary>505, which is what RFC 9110 §15.6.6 has for it.</summary>
    Version,

    /// <summary>Anything but a 5xx: chance may make it well-formed.</summary>
    NoFailure,
}

/// <summary>One way to get a request wrong.</summary>
/// <param name="Name">As counted.</param>
/// <param name="Demand">What has to come.</param>
/// <param name="Fits">The routes it can be tried on.</param>
/// <param name="Make">The bytes on the wire.</param>
internal sealed record Kind(string Name, Demand Demand, Func<Operation, bool> Fits, Func<Operation, Random, byte[]> Make);

/// <summary>All of them. Each takes what varies in it from the random numbers it is given.</summary>
internal static class MalformedKinds
{
    private const string Json = "application/json";

    private static readonly string[] BadBodies =
    [
        "", " ", "{", "}", "[]", "null", "true", "7", "\"text\"", "{}x", "{} {}", "{\"items\":}",
        "{'items':[]}", "{\"items\":[],}", "/*c*/{}", "{\"a\":NaN}", "{\"name\":\"\\ud800\"}",
        "{\"items\":[{\"digests\":{\"sha-256\":\"zz\"}}]}", "{\"items\":[null]}", "{\"items\":{}}",
        "{\"label\":{}}", "{\"scopes\":[\"root\"]}", "{\"overlapSeconds\":1e99}", "{\"expiresAt\":\"yesterday\"}",
    ];

    private static readonly string[] BadValues = ["x", "-1", "0x1", "99999999999999999999",
        "", "%20", "1e3", "%E5%90%88", "null", "a/b", "%2e%2e", "YS9iL2M", "TRUE"];

    // A name and a reason may be any text, and where a page of tenants goes on any id.
    private static readonly string[] Free = ["name", "reason", "note.*", "kind", "continuation"];

    public static readonly IReadOnlyList<Kind> All =
    [
        new("unknown parameter", Demand.Refusal, IsStrict, (op, r) => Plain(op, r, query: $"nonsense{r.Next()}=1")),
        new("broken percent-encoding", Demand.Refusal, IsStrict,
            (op, r) => Plain(op, r, query: $"{Pick(r, ["a", .. op.Query])}={Pick(r, "%FF", "%", "%z1", "%C3%28", "%ED%A0%80")}")),
        new("parameter twice", Demand.Refusal, op => op.Query.Count > 0,
            (op, r) => Plain(op, r, query: Pick(r, [.. op.Query]) is var name ? $"{name}=1&{name}=1" : "")),
        new("wrong value", Demand.Refusal, op => op.Query.Except(Free).Any(), (op, r) => Plain(op, r,
            query: $"{Pick(r, [.. op.Query.Except(Free)])}={Pick(r, [.. BadValues.Where(value => value is not ("" or "%20") || !IsForPeople(op))])}")),
        new("long query", Demand.Refusal, IsStrict, (op, r) => Plain(op, r, query: $"a={new string('a', r.Next(17_000, 60_000))}")),
        new("wrong method", Demand.Refusal, _ => true, (op, r) => Plain(op, r, method: Pick(r, "PATCH", "BREW", "PROPFIND", Token(r)))),
        new("wrong id", Demand.Refusal, op => op.Path.Contains('{', StringComparison.Ordinal),
            (op, r) => Plain(op, r, fill: Pick(r, Token(r), "%00", "..%2f..%2foriginals", "%ff%fe",
                "01900000-0000-4000-8000-000000000000", "'", "*", "a|b", new string('9', 300), "%E5%90%88"))),
        new("path beyond", Demand.Refusal, op => !op.Path.EndsWith("{path}", StringComparison.Ordinal),
            (op, r) => Plain(op, r, tail: $"/{Token(r)}{Pick(r, "", "/x", "%00", "//")}")),
        new("no key", Demand.Refusal, IsClosed, (op, r) => Whole(op, r, key: "")),
        new("made-up key", Demand.Refusal, IsClosed, (op, r) => Whole(op, r, key: $"ntk_{Hex(r, 16)}_{Hex(r, 64)}")),
        new("broken Authorization", Demand.Refusal, IsClosed, (op, r) => Whole(op, r, key: "",
            headers: $"Authorization: {Pick(r, "Basic eDp5", "Bearer", "Bearer  ", "bearer \"x\"", Token(r), $"Bearer {new string('x', 9000)}")}\r\n")),
        new("key of another role", Demand.Refusal, IsClosed, (op, r) => Whole(op, r, key: op.WrongKey)),
        new("no such Accept", Demand.Refusal, IsChoosy, (op, r) => Plain(op, r,
            headers: $"Accept: {Pick(r, "application/x-nothing", "image/*", "*/*;q=0", "text/html;q=0.0", $"application/{Token(r)}")}\r\n")),
        new("broken Accept", Demand.Refusal, IsChoosy, (op, r) => Plain(op, r, headers: $"Accept: {Pick(r, "this is none", "/", "a/b;q=2x", ";", "*")}\r\n")),
        new("large headers", Demand.Refusal, _ => true, (op, r) => Plain(op, r, headers: $"X-Long: {new string('h', r.Next(17_000, 60_000))}\r\n")),
        new("many headers", Demand.Refusal, _ => true,
            (op, r) => Plain(op, r, headers: string.Concat(Enumerable.Range(0, r.Next(101, 300)).Select(n => $"X-{n}: y\r\n")))),
        new("broken Idempotency-Key", Demand.Refusal, op => op.Method == "POST",
            (op, r) => Whole(op, r, headers: $"Idempotency-Key: {Pick(r, "", "\"\"", new string('k', 256), "a\tb", "k\u00e9")}\r\n")),
        new("no JSON", Demand.Refusal, op => op.TakesJson && IsJsonObject(op),
            (op, r) => Whole(op, r, body: Pick(r, [.. BadBodies.Where(body => body.Length > 0 || op.Path != "/v1/uploads")]))),
        new("random bytes for JSON", Demand.Refusal, op => op.TakesJson, (op, r) => Whole(op, r, body: "\u0001" + Garbage(r, r.Next(1, 3000)))),
        new("deep JSON", Demand.Refusal, op => op.TakesJson,
            (op, r) => Whole(op, r, body: Pick(r, new string('[', 5000), string.Concat(Enumerable.Repeat("{\"name\":", r.Next(17, 5000)))))),
        new("unknown member", Demand.Refusal, op => op.TakesJson && IsJsonObject(op), (op, r) => Whole(op, r, body: $"{{\"{Token(r)}\":1}}")),
        new("member twice", Demand.Refusal, op => op.TakesJson,
            (op, r) => Whole(op, r, body: Pick(r, "{\"name\":\"a\",\"name\":\"a\"}", "{\"items\":[],\"items\":[]}", "{\"label\":\"a\",\"label\":\"b\"}"))),
        new("wrong Content-Type", Demand.Refusal, op => op.TakesJson,
            (op, r) => Whole(op, r, body: "{}", type: Pick(r, "text/plain", "application/json; charset=utf-16",
                "application/jsonx", "nonsense", "multipart/form-data; boundary=x", "application/xml"))),
        new("compressed body", Demand.Refusal, op => op.TakesJson || op.TakesFile,
            (op, r) => Whole(op, r, body: "{}", headers: $"Content-Encoding: {Pick(r, "gzip", "br", "x", "identity, gzip")}\r\n")),
        new("form around a file", Demand.Refusal, op => op.TakesFile,
            (op, r) => Whole(op, r, body: "--x\r\n\r\n--x--", type: $"multipart/form-data; boundary={Token(r)}")),
        new("broken Content-Digest", Demand.Refusal, op => op.Path.EndsWith("/file", StringComparison.Ordinal), (op, r) => Whole(op, r, body: "x",
            headers: $"Content-Digest: {Pick(r, "x", "sha-256=x", "sha-256=:AAAA:", "md5=:AAAA:", "sha-256=:" + new string('A', 43) + "=:", ":")}\r\n")),
        new("too large", Demand.Refusal, op => op.TakesJson,
            (op, r) => Request(op, r, headers: $"Content-Type: {Json}\r\nContent-Length: {16_000_000 + r.Next(10_000_000)}\r\nConnection: close\r\n")),
        new("broken Content-Length", Demand.Refusal, _ => true,
            (op, r) => Request(op, r, headers: Pick(r, "Content-Length: -1\r\n", "Content-Length: x\r\n",
                "Content-Length: 2\r\nContent-Length: 3\r\n", "Content-Length: 99999999999999999999\r\n"))),
        new("broken chunks", Demand.Refusal, op => op.TakesFile || op.TakesJson,
            (op, r) => Request(op, r, headers: $"Content-Type: {(op.TakesFile ? "text/plain" : Json)}\r\nTransfer-Encoding: chunked\r\n",
                body: Pick(r, "ZZ\r\n", "FFFFFFFFFFFFFFFF\r\n", "-1\r\n", "\r\n\r\n", "3\r\nabcdef\r\n"))),
        new("unknown Transfer-Encoding", Demand.Refusal, _ => true,
            (op, r) => Request(op, r, headers: $"Transfer-Encoding: {Pick(r, "gzip", "identity", "chunked, gzip", Token(r))}\r\n")),
        new("body cut off", Demand.RefusalOrClose, op => op.TakesFile || op.TakesJson, (op, r) => Request(op, r,
            headers: $"Content-Type: {(op.TakesFile ? "text/plain" : Json)}\r\nContent-Length: {r.Next(100, 2_000_000)}\r\n", body: Garbage(r, r.Next(0, 90)))),
        new("Host", Demand.Refusal, _ => true,
            (op, r) => Latin($"{op.Method} {PathOf(op)} HTTP/1.1\r\n{Pick(r, "", "Host: x\r\nHost: y\r\n", "Host: a b\r\n")}\r\n")),
        new("broken header", Demand.Refusal, _ => true,
            (op, r) => Request(op, r, headers: Pick(r, " folded: x\r\n", "no colon\r\n", ": no name\r\n", "X y: z\r\n", "X: a\0b\r\n"))),
        new("broken request line", Demand.Refusal, _ => true,
            (op, r) => Latin(Pick(r, $"{op.Method}  {PathOf(op)} HTTP/1.1", $"{op.Method}{PathOf(op)} HTTP/1.1", $"{op.Method} {PathOf(op)} HTTP",
                $"{op.Method} {Token(r)} HTTP/1.1", $"{op.Method} http:// HTTP/1.1", $"G\u0001T {PathOf(op)} HTTP/1.1") + "\r\nHost: x\r\n\r\n")),
        new("NUL in the path", Demand.Refusal, _ => true, (op, r) => Plain(op, r, tail: $"%00{Token(r)}")),
        new("long request line", Demand.Refusal, _ => true, (op, r) => Plain(op, r, tail: "/" + new string('p', r.Next(33_000, 60_000)))),
        new("HTTP version", Demand.Version, _ => true,
            (op, r) => Latin($"{op.Method} {PathOf(op)} HTTP/{Pick(r, "9.9", "1.2", "3.0", "2.0")}\r\nHost: x\r\n\r\n")),
        new("random bytes", Demand.Refusal, _ => true, (_, r) => Latin("\u0001" + Garbage(r, r.Next(1, 2000)) + "\r\n\r\n")),
        new("mutated", Demand.NoFailure, _ => true, Mutated),
    ];

    /// <summary>Probes take any query.</summary>
    private static bool IsStrict(Operation op) => op.Path is not ("/healthz" or "/readyz") && !IsForPeople(op);

    /// <summary>Its form sends the empty field that nobody filled in, and messengers add parameters to its address.</summary>
    private static bool IsForPeople(Operation op) => op.Path.StartsWith("/verify/", StringComparison.Ordinal);

    private static bool IsChoosy(Operation op) => op.Statuses.Contains("406");

    private static bool IsClosed(Operation op) => op.Key.Length > 0;

    /// <summary>An event's payload may be any JSON.</summary>
    private static bool IsJsonObject(Operation op) => !op.Path.Contains("raiseEvent", StringComparison.Ordinal);

    /// <summary>A request whose body does not matter.</summary>
    private static byte[] Plain(Operation op, Random r, string query = "", string? method = null, string headers = "", string tail = "", string? fill = null)
        => Whole(op, r, query: query, method: method, headers: headers, tail: tail, fill: fill);

    /// <summary>A request with a body if its method has one.</summary>
    private static byte[] Whole(Operation op, Random r, string query = "", string? method = null, string headers = "",
        string tail = "", string? fill = null, string? key = null, string? body = null, string type = Json)
    {
        var content = body ?? (op.Method is "POST" or "PUT" ? "{}" : "");
        var more = op.Method is "POST" or "PUT" ? $"Content-Type: {type}\r\nContent-Length: {Encoding.Latin1.GetByteCount(content)}\r\n" : "";
        return Request(op, r, query, method, headers + more, tail, fill, key, content);
    }

    private static byte[] Request(Operation op, Random r, string query = "", string? method = null,
        string headers = "", string tail = "", string? fill = null, string? key = null, string body = "")
    {
        key ??= op.Key;
        var authorization = key.Length > 0 ? $"Authorization: Bearer {key}\r\n" : "";
        return Latin($"{method ?? op.Method} {PathOf(op, fill)}{tail}{(query.Length > 0 ? "?" + query : "")} HTTP/1.1\r\n"
            + $"Host: 127.0.0.1\r\n{authorization}{headers}X-Correlation-Id: soak-{r.Next()}\r\n\r\n{body}");
    }

    private static string PathOf(Operation op, string? fill = null)
    {
        var path = new StringBuilder();
        foreach (var part in op.Path.Split('{', '}').Select((text, i) => (Text: text, IsParameter: i % 2 == 1)))
            path.Append(part.IsParameter ? fill ?? op.There.GetValueOrDefault(part.Text, "x") : part.Text);

        return path.ToString();
    }

    /// <summary>A request that would pass, with a few bytes replaced, inserted or cut out.</summary>
    private static byte[] Mutated(Operation op, Random r)
    {
        var bytes = Whole(op, r, body: op.Path == "/v1/deposits" && op.Method == "POST"
            ? "{\"items\":[{\"digests\":{\"sha-256\":\"" + Hex(r, 64) + "\"},\"size\":1}],\"letter\":\"onRequest\"}" : null).ToList();
        for (var i = r.Next(1, 5); i > 0; i--)
        {
            var at = r.Next(bytes.Count);
            switch (r.Next(3))
            {
                case 0:
                    bytes[at] = (byte)r.Next(256);
                    break;
                case 1:
                    bytes.Insert(at, (byte)r.Next(256));
                    break;
                default:
                    bytes.RemoveAt(at);
                    break;
            }
        }

        return [.. bytes];
    }

    private static string Pick(Random r, params string[] of) => of[r.Next(of.Length)];

    private static string Token(Random r) => new([.. Enumerable.Range(0, r.Next(3, 20)).Select(_ => (char)r.Next('a', 'z' + 1))]);

    private static string Hex(Random r, int digits)
        => new([.. Enumerable.Range(0, digits).Select(_ => r.Next(16).ToString("x", CultureInfo.InvariantCulture)[0])]);

    private static string Garbage(Random r, int length) => new([.. Enumerable.Range(0, length).Select(_ => (char)r.Next(256))]);

    private static byte[] Latin(string text) => Encoding.Latin1.GetBytes(text);
}
