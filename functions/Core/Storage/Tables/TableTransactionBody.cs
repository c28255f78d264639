using System.Globalization;
using System.Text;
using Azure;

namespace Notary.Storage;

/// <summary>An entity group transaction on the wire: one change set in one multipart/mixed batch (OData 3 "Batch Processing").</summary>
internal sealed class TableTransactionBody
{
    private const string Newline = "\r\n";

    /// <summary>The prefixes are not free: the emulator looks for exactly these.</summary>
    private readonly string batch = $"batch_{Guid.NewGuid()}";
    private readonly string changeset = $"changeset_{Guid.NewGuid()}";

    public string ContentType => $"multipart/mixed; boundary={batch}";

    public byte[] Write(string serviceUri, string table, IReadOnlyList<TableTransactionAction> actions)
    {
        var body = new StringBuilder();
        body.Append($"--{batch}{Newline}Content-Type: multipart/mixed; boundary={changeset}{Newline}{Newline}");
        foreach (var action in actions)
        {
            body.Append($"--{changeset}{Newline}Content-Type: application/http{Newline}Content-Transfer-Encoding: binary{Newline}{Newline}");
            WriteAction(body, serviceUri, table, action);
            body.Append(Newline);
        }

        body.Append($"--{changeset}--{Newline}--{batch}--{Newline}");
        return Encoding.ASCII.GetBytes(body.ToString());
    }

    /// <summary>The ETags of the writes, in their order (default for a deletion).</summary>
    /// <exception cref="TableTransactionFailedException">One of them failed, so none happened.</exception>
    public static IReadOnlyList<ETag> Read(BinaryData answer, int expected)
    {
        // Each operation's answer starts with a status line of its own; MIME adds nothing that we need.
        var text = answer.ToString();
        var parts = text.Split("HTTP/1.1 ")[1..];
        foreach (var part in parts)
        {
            var status = int.Parse(part.AsSpan(0, 3), CultureInfo.InvariantCulture);
            if (status >= 400)
            {
                throw Failure(status, part);
            }
        }

        return parts.Length == expected
            ? [.. parts.Select(EtagOf)]
            : throw new TableTransactionFailedException(500, null, null, $"the service answered {parts.Length} of {expected} writes");
    }

    private static void WriteAction(StringBuilder body, string serviceUri, string table, TableTransactionAction action)
    {
        var (type, entity, etag) = action;
        var path = type == TableTransactionActionType.Add ? table : TableKeys.EntityPath(table, entity.PartitionKey, entity.RowKey);
        // PATCH is what today's service calls MERGE.
        var method = type switch
        {
            TableTransactionActionType.Add => "POST",
            TableTransactionActionType.UpdateMerge or TableTransactionActionType.UpsertMerge => "PATCH",
            TableTransactionActionType.UpdateReplace or TableTransactionActionType.UpsertReplace => "PUT",
            TableTransactionActionType.Delete => "DELETE",
            _ => throw new InvalidOperationException($"unhandled {type}"),
        };
        body.Append($"{method} {serviceUri}{path} HTTP/1.1{Newline}Accept: application/json;odata=minimalmetadata{Newline}DataServiceVersion: 3.0{Newline}");
        if (type is TableTransactionActionType.UpdateMerge or TableTransactionActionType.UpdateReplace or TableTransactionActionType.Delete)
        {
            body.Append($"If-Match: {TableClient.Condition(etag)}{Newline}");
        }

        if (type == TableTransactionActionType.Delete)
        {
            body.Append(Newline);
            return;
        }

        if (type == TableTransactionActionType.Add)
        {
            body.Append($"Prefer: return-no-content{Newline}");
        }

        body.Append($"Content-Type: application/json{Newline}{Newline}").Append(Encoding.ASCII.GetString(TableJson.Write(entity))).Append(Newline);
    }

    private static TableTransactionFailedException Failure(int status, string part)
    {
        var start = part.IndexOf('{', StringComparison.Ordinal);
        var end = part.LastIndexOf('}');
        if (start < 0 || end < start || !TableErrors.TryRead(Encoding.UTF8.GetBytes(part[start..(end + 1)]), out var code, out var message))
        {
            return new(status, null, null, "a write of the transaction failed");
        }

        return new(status, code, TableErrors.Index(message), message);
    }

    private static ETag EtagOf(string part)
    {
        const string Header = "\nETag: ";
        var start = part.IndexOf(Header, StringComparison.OrdinalIgnoreCase);
        return start < 0 ? default : new ETag(part[(start + Header.Length)..part.IndexOf('\r', start + 1)]);
    }
}
