using System.Text.Json;
using Azure;
using Azure.Core;
using Notary.Evidence;

namespace Notary.Storage;

/// <summary>A query's pages. The service returns where to go on in two headers; both together are the continuation token.</summary>
internal sealed class TablePages(
    Func<(string? Partition, string? Row), HttpMessage> request,
    Func<HttpMessage, CancellationToken, int[], Task<Response>> send,
    CancellationToken cancel) : AsyncPageable<TableEntity>(cancel)
{
    private const char Separator = '/';

    public override async IAsyncEnumerable<Page<TableEntity>> AsPages(string? continuationToken = null, int? pageSizeHint = null)
    {
        var next = Parse(continuationToken);
        do
        {
            using var message = request(next);
            if (pageSizeHint is { } size && !message.Request.Uri.Query.Contains("$top", StringComparison.Ordinal))
            {
                message.Request.Uri.AppendQuery("$top", size.ToString(System.Globalization.CultureInfo.InvariantCulture));
            }

            var answer = await send(message, CancellationToken, [200]);
            next = (Header(answer, "NextPartitionKey"), Header(answer, "NextRowKey"));
            yield return Page<TableEntity>.FromValues(Read(answer), Format(next), answer);
        }
        while (next.Partition is not null);
    }

    private static List<TableEntity> Read(Response answer)
    {
        using var json = JsonDocument.Parse(answer.Content.ToMemory());
        return [.. json.RootElement.GetProperty("value").EnumerateArray().Select(TableJson.Read)];
    }

    private static string? Header(Response answer, string name)
        => answer.Headers.TryGetValue($"x-ms-continuation-{name}", out var value) ? value : null;

    private static string? Format((string? Partition, string? Row) next)
        => next.Partition is null ? null : Uri.EscapeDataString(next.Partition) + (next.Row is null ? "" : Separator + Uri.EscapeDataString(next.Row));

    private static (string? Partition, string? Row) Parse(string? token)
        => token?.Split(Separator) switch
        {
            null or [""] => (null, null),
            [var partition] => (Uri.UnescapeDataString(partition), null),
            [var partition, var row] => (Uri.UnescapeDataString(partition), Uri.UnescapeDataString(row)),
            _ => throw new FaultException(Fault.Malformed, "continuation is not one of ours"),
        };
}
