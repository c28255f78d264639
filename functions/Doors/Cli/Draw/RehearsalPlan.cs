namespace Notary.Cli;

/// <summary>What a rehearsal is of.</summary>
/// <param name="Title">For its pages.</param>
/// <param name="Rules">As docs/draw-format.md, section 3.</param>
/// <param name="List">Opens the candidates.</param>
/// <param name="ContentType">Of the list.</param>
internal sealed record RehearsalPlan(string Title, JsonNode Rules, Func<Stream> List, string ContentType)
{
    /// <summary>Candidates of the made-up list: enough that results look like something, few enough for a minute.</summary>
    private const int Candidates = 10_000;

    private static readonly string[] Groups = ["优先家庭", "多孩家庭", "普通家庭", "引进人才"];

    private static readonly string[] Surnames = ["赵", "钱", "孙", "李", "周", "吴", "郑", "王", "欧阳", "上官"];

    /// <summary>Ten thousand candidates that nobody is, in four groups with weights of 1 to 3, and four rounds: two for a group each, one for everyone by
    /// weight, and a last one in which also those may win who have won.</summary>
    public static RehearsalPlan Demo { get; } = new("演示：保障性住房摇号 Demonstration: housing draw", new JsonObject
    {
        ["groups"] = new JsonArray([.. Groups.Select(g => (JsonNode)g)]),
        ["rounds"] = new JsonArray(
            Round(120, 30, weights: false, earlierWinners: false, "优先家庭"), Round(200, 50, weights: false, earlierWinners: false, "多孩家庭"),
            Round(500, 100, weights: true, earlierWinners: false), Round(10, 5, weights: false, earlierWinners: true)),
    }, () => new MemoryStream(Encoding.UTF8.GetBytes(Rows())), "text/csv; charset=utf-8");

    /// <summary>Of the organiser's own list and rules.</summary>
    /// <exception cref="CliException">The rules are no JSON.</exception>
    public static async Task<RehearsalPlan> ReadAsync(string title, string list, string rules, string? encoding, CancellationToken cancel)
    {
        var bytes = await VerifyCommand.ReadAsync(rules, DrawDocument.MaxBytes, "file of rules", cancel);
        var type = list.EndsWith(".ndjson", StringComparison.OrdinalIgnoreCase) ? "application/x-ndjson" : "text/csv";
        return new RehearsalPlan(title, ApiClient.Json(bytes.ToArray()), () => Terminal.Open(list), $"{type}; charset={encoding ?? "utf-8"}");
    }

    private static JsonObject Round(int quota, int reserves, bool weights, bool earlierWinners, params string[] groups) => new()
    {
        ["quota"] = quota,
        ["reserves"] = reserves,
        ["groups"] = new JsonArray([.. groups.Select(g => (JsonNode)g)]),
        ["earlierWinners"] = earlierWinners,
        ["weights"] = weights,
    };

    private static string Rows()
    {
        var rows = new StringBuilder("id,name,group,weight\n");
        for (var i = 1; i <= Candidates; i++)
        {
            var (surname, group) = (Surnames[i % Surnames.Length], Groups[i * 7 % 10 / 3]);
            rows.Append(CultureInfo.InvariantCulture, $"DEMO-{i:00000},{surname}示例{i},{group},{(i % 3) + 1}\n");
        }

        return rows.ToString();
    }
}
