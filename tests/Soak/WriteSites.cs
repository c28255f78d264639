using System.Text.RegularExpressions;

namespace Notary.Soak;

/// <summary>Tells the places apart from which the app writes to a dependency, by what goes over the wire:
/// two deposits' requests from one place have one name.</summary>
internal static partial class WriteSites
{
    /// <summary>The name, or null for what only reads.</summary>
    public static string? NameOf(string dependency, string method, string path, string body) => dependency switch
    {
        "chain" => body.Contains("eth_sendRawTransaction", StringComparison.Ordinal) ? "chain eth_sendRawTransaction" : null,
        "vault" => method == "POST"
            ? $"vault {path.Split('?')[0].Split('/') switch { [_, _, var key, .., var act] => $"{act} by {key}", var other => other[^1] }}" : null,
        "authority" => "authority stamp",
        "table" => OfTable(method, Uri.UnescapeDataString(path), body),
        "queue" => OfQueue(method, path),
        _ => OfBlob(method, path),
    };

    /// <summary>The task hub's messages; a taking of one is a read.</summary>
    private static string? OfQueue(string method, string path)
        => method is "GET" or "HEAD" || !path.Contains("/messages", StringComparison.Ordinal) ? null
            : $"queue {method} {Varying().Replace(Account().Replace(path.Split('?')[0], ""), "*").Split("/messages")[0]}";

    private static string? OfBlob(string method, string path)
    {
        if (method is "GET" or "HEAD")
            return null;

        var blob = Account().Replace(path.Split('?')[0], "");
        return $"blob {method} {Varying().Replace(blob, "*")} {Operation().Match(path).Value}".TrimEnd();
    }

    private static string? OfTable(string method, string path, string body)
    {
        if (method is "GET" or "HEAD" || path.Contains("/Tables", StringComparison.Ordinal))
            return null;

        if (!path.EndsWith("$batch", StringComparison.Ordinal))
        {
            var columns = Columns().Matches(body).Select(match => match.Groups[1].Value).Distinct();
            return $"table {method} {Varying().Replace(Account().Replace(path.Split('?')[0], ""), "*")} {string.Join(' ', columns)}".TrimEnd();
        }

        // A transaction says its table and rows inside.
        var parts = Part().Matches(Uri.UnescapeDataString(body));
        var table = parts.Count == 0 ? "" : parts[0].Groups[2].Value;
        var verbs = string.Join(',', parts.Select(part => part.Groups[1].Value));
        return $"table transaction {table} {verbs} {string.Join(',', RowKeys().Matches(body).Select(match => match.Groups[1].Value).Distinct())}"
            + (body.Contains("\"Index\":", StringComparison.Ordinal) ? " with index" : "");
    }

    [GeneratedRegex("^/[^/]+(?=/)")]
    private static partial Regex Account();

    // Ids, digests, numbers: what differs from deposit to deposit.
    [GeneratedRegex("(0x)?[0-9a-f]{8}[0-9a-f-]{8,}|[0-9]+")]
    private static partial Regex Varying();

    [GeneratedRegex("comp=[a-z]+")]
    private static partial Regex Operation();

    [GeneratedRegex("\"(Token_[a-z]+|Stage|CertifiedAt|Final|StampedAt|Settled|RuntimeStatus|Shards)\"")]
    private static partial Regex Columns();

    [GeneratedRegex(@"^(PUT|POST|DELETE|MERGE|PATCH) https?://[^/]+/[^/]+/([A-Za-z]+)", RegexOptions.Multiline)]
    private static partial Regex Part();

    [GeneratedRegex("\"RowKey\":\"([a-z]+)[|-]")]
    private static partial Regex RowKeys();
}
