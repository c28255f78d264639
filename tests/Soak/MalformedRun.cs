using System.Text.RegularExpressions;

namespace Notary.Soak;

/// <summary>Malformed requests of every kind on every route of the published description, as raw bytes.</summary>
internal static partial class MalformedRun
{
    /// <summary>Connections at a time.</summary>
    private const int Workers = 8;

    /// <summary>Requests before memory is looked at for the first time.</summary>
    private const int WarmUp = 5000;

    private const double MaxP99Milliseconds = 1000;

    /// <summary>Of resident memory, from the middle to the end.</summary>
    private const double MaxGrowth = 0.1;

    /// <summary>Requests between two lines that say how far it is.</summary>
    private const int Progress = 20_000;

    /// <summary>Failures printed; a whole run of them says no more.</summary>
    private const int MaxPrinted = 40;

    public static async Task<Result> RunAsync(SoakOptions options)
    {
        await using var stage = await Stage.StartAsync();
        var operations = await OperationsAsync(stage);
        var codes = Codes();
        var pairs = MalformedKinds.All.SelectMany(kind => operations.Where(kind.Fits), (kind, operation) => (Kind: kind, Operation: operation)).ToArray();
        SoakOptions.Say(SoakOptions.Text($"{MalformedKinds.All.Count} kinds, {operations.Count} routes, {pairs.Length} pairs"));

        var tally = new ConcurrentDictionary<string, int>();
        var milliseconds = new double[options.Requests];
        var memory = new double[3];
        var (next, failures) = (-1, 0);
        async Task WorkAsync()
        {
            using var connection = new RawConnection(stage.App.Url.Port);
            for (int i; (i = Interlocked.Increment(ref next)) < options.Requests;)
            {
                var (kind, operation) = pairs[i % pairs.Length];
                var bytes = kind.Make(operation, new Random(options.Seed + i));
                var start = Stopwatch.GetTimestamp();
                RawAnswer answer;
                string? wrong;
                try
                {
                    answer = await connection.ExchangeAsync(bytes, lastWord: kind.Demand is Demand.RefusalOrClose or Demand.NoFailure);
                    wrong = Judge(kind.Demand, operation, answer, codes);
                }
                catch (Exception failure)
                {
                    connection.Dispose();
                    (answer, wrong) = (new RawAnswer(-1, "", ""), failure.Message);
                }

                milliseconds[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                tally.AddOrUpdate(answer.Status switch { -1 => "unread", 0 => "closed", 505 => "505", var status => $"{status / 100}xx" }, 1, (_, n) => n + 1);
                if (wrong is not null && Interlocked.Increment(ref failures) <= MaxPrinted)
                    SoakOptions.Say(
                        $"WRONG {i} {kind.Name}, {operation.Method} {operation.Path}: {wrong}\n  {Visible(bytes)}\n  {answer.Status} {answer.Body}");

                if (i > 0 && i % Progress == 0)
                    SoakOptions.Say(SoakOptions.Text($"{i} requests, {Volatile.Read(ref failures)} wrong"));

                Look(i, WarmUp, 0);
                Look(i, options.Requests / 2, 1);
            }
        }

        void Look(int i, int at, int into)
        {
            if (i == at)
                SoakOptions.Say(SoakOptions.Text($"{i} requests, VmRSS {memory[into] = stage.MemoryMiB("VmRSS"):0} MiB"));
        }

        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(WorkAsync)));
        memory[2] = stage.MemoryMiB("VmRSS");
        var rate = options.Requests / clock.Elapsed.TotalSeconds;
        using var ready = await stage.App.Http.GetAsync(new Uri("readyz", UriKind.Relative));
        Array.Sort(milliseconds);
        var p99 = milliseconds[(int)(0.99 * (milliseconds.Length - 1))];
        var growth = memory[1] == 0 ? 0 : (memory[2] / memory[1]) - 1;
        return new Result(
            "malformed",
            SoakOptions.Text(
                $"{options.Requests} requests of {MalformedKinds.All.Count} kinds on {operations.Count} routes, ",
                $"{rate:0}/s; {string.Join(", ", tally.OrderBy(t => t.Key).Select(t => $"{t.Value} {t.Key}"))}; ",
                $"{failures} wrong; p99 {p99:0} ms, at most {milliseconds[^1]:0} ms; VmRSS {memory[0]:0}, {memory[1]:0}, ",
                $"{memory[2]:0} MiB at begin, middle, end ({growth:+0 %;-0 %} in the second half); ready after it: {ready.IsSuccessStatusCode}"),
            SoakOptions.Text(
                $"each a 4xx problem with a documented code (505 for an HTTP version, mutated ones anything but 5xx), p99 <= {MaxP99Milliseconds} ",
                $"ms, growth <= {MaxGrowth:0 %}"),
            failures == 0 && p99 <= MaxP99Milliseconds && growth <= MaxGrowth && ready.IsSuccessStatusCode);
    }

    /// <returns>What is wrong with an answer, or null.</returns>
    private static string? Judge(Demand demand, Operation operation, RawAnswer answer, HashSet<string> codes)
    {
        if (Trace().IsMatch(answer.Body) && answer.Status >= 400)
            return "a stack trace";

        var asDemanded = demand switch
        {
            Demand.Refusal => answer.Status is >= 400 and < 500,
            Demand.RefusalOrClose => answer.Status is 0 or (>= 400 and < 500),
            Demand.Version => answer.Status == 505,
            _ => answer.Status is < 500 or 505,
        };
        if (!asDemanded || answer.Status == 429)
            return "not the status";

        // The one page for people says in HTML what is wrong.
        if (answer.Status < 400
            || (operation.Path.StartsWith("/verify/", StringComparison.Ordinal) && answer.ContentType.StartsWith("text/html", StringComparison.Ordinal)))
            return null;

        if (answer.ContentType != "application/problem+json")
            return $"no problem but '{answer.ContentType}'";

        using var problem = JsonDocument.Parse(answer.Body);
        var root = problem.RootElement;
        return root.GetProperty("status").GetInt32() != answer.Status ? "another status inside"
            : !codes.Contains(root.GetProperty("code").GetString()!) ? "no documented code"
            : root.GetProperty("type").GetString() is null || root.GetProperty("title").GetString() is null
                || root.GetProperty("detail").GetString() is null || root.GetProperty("correlationId").GetString() is null ? "incomplete"
            : null;
    }

    private static async Task<IReadOnlyList<Operation>> OperationsAsync(Stage stage)
    {
        using var description = JsonDocument.Parse(await stage.App.Http.GetStringAsync(new Uri("openapi/v1.json", UriKind.Relative)));
        var there = await ThereAsync(stage);
        var found = new List<Operation>();
        foreach (var path in description.RootElement.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                var isOperator = path.Name.StartsWith("/v1/operator", StringComparison.Ordinal)
                    || path.Name.StartsWith("/v1/processes", StringComparison.Ordinal);
                var (right, wrong) = !operation.Value.TryGetProperty("security", out _)
                    ? ("", "") : isOperator ? (stage.Platform.OperatorKey, stage.Key) : (stage.Key, stage.Platform.OperatorKey);
                var query = operation.Value.TryGetProperty("parameters", out var all)
                    ? all.EnumerateArray().Where(p => p.GetProperty("in").GetString() == "query").Select(p => p.GetProperty("name").GetString()!) : [];
                var types = operation.Value.TryGetProperty("requestBody", out var body)
                    ? body.GetProperty("content").EnumerateObject().Select(content => content.Name) : [];
                found.Add(new Operation(operation.Name.ToUpperInvariant(), path.Name, right, wrong, [.. query], [.. types],
                    [.. operation.Value.GetProperty("responses").EnumerateObject().Select(response => response.Name)], there));
            }
        }

        return found;
    }

    /// <summary>A certified deposit and a second key, so that a request gets as far as it can.</summary>
    private static async Task<IReadOnlyDictionary<string, string>> ThereAsync(Stage stage)
    {
        var text = await stage.CertifiedAsync(() => new HttpRequestMessage(HttpMethod.Post, "v1/deposits/file?name=a.txt")
        { Content = new StringContent("there"), Headers = { { "Idempotency-Key", "there" } } }, TimeSpan.FromMinutes(2));
        using var receipt = JsonDocument.Parse(text);
        var spare = await stage.App.CreateTenantAsync(stage.Platform.OperatorKey, "tenant-b", "乙公司");
        return new Dictionary<string, string>
        {
            ["id"] = receipt.RootElement.GetProperty("id").GetString()!,
            ["tenant"] = "tenant-b",
            ["prefix"] = spare.Split('_')[1],
            ["kind"] = "certificate",
            ["manifestDigest"] = receipt.RootElement.GetProperty("manifestDigest").GetString()!,
        };
    }

    private static HashSet<string> Codes()
        => [.. Row().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "api.md"))).Select(row => row.Groups[1].Value)];

    private static string Visible(byte[] bytes)
        => string.Concat(Encoding.Latin1.GetString(bytes, 0, Math.Min(bytes.Length, 300))
            .Select(c => c is >= ' ' and <= '~' ? c.ToString() : $"\\x{(int)c:x2}"));

    [GeneratedRegex(@"^\| `([a-z-]+)` \| \d{3} \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"(?m)^\s+at [A-Z]|Exception")]
    private static partial Regex Trace();
}
