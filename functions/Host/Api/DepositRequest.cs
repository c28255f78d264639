using System.Text.Json.Serialization;
using Notary.Deposits;
using Notary.Evidence;
using Notary.Host.Http;

namespace Notary.Host.Api;

/// <summary>When the letter is issued.</summary>
public enum LetterWish
{
    /// <summary>As soon as everything before it holds.</summary>
    [JsonStringEnumMemberName("eager")]
    Eager,

    /// <summary>When it is first asked for.</summary>
    [JsonStringEnumMemberName("onRequest")]
    OnRequest,
}

/// <summary>Digests to deposit, 1 to 100 items.</summary>
public sealed record NewDigests(IReadOnlyList<NewItem> Items, IReadOnlyDictionary<string, string>? Notes = null, Digest? Previous = null, LetterWish Letter = LetterWish.Eager);

/// <summary>One item. <paramref name="Size"/> in bytes; name, size and media type are what the depositor says, only the digest is what is fixed.</summary>
public sealed record NewItem(ItemDigests Digests, string Name = "", long? Size = null, string MediaType = NewItem.DefaultMediaType)
{
    internal const string DefaultMediaType = "application/octet-stream";
}

/// <summary>The item's digests, by the names of the manifest.</summary>
public sealed record ItemDigests([property: JsonPropertyName("sha-256")] Digest Sha256);

/// <summary>Reads what a depositor says, from a query and headers or from JSON.</summary>
internal static class DepositRequest
{
    private const string NotePrefix = "note.";

    /// <exception cref="FaultException">Malformed or UnsupportedMediaType.</exception>
    public static DepositOptions ReadFileOptions(HttpContext http)
    {
        MediaTypes.DemandIdentity(http.Request);
        MediaTypes.RefuseForms(http.Request);
        var query = new QueryReader(http, "name", NotePrefix, "previous", "letter");
        return new DepositOptions(
            FileName.Of(http.Request, query.Find("name")),
            MediaType(http.Request),
            query.Group(NotePrefix),
            query.Digest("previous"),
            IdempotencyKey.Of(http.Request),
            ContentDigest.Of(http.Request),
            query.Find("letter") switch
            {
                null or "eager" => false,
                "onRequest" => true,
                _ => throw new FaultException(Fault.Malformed, "letter is eager or onRequest"),
            })
        { CorrelationId = CorrelationId.Of(http) };
    }

    public static (DepositOptions Options, IReadOnlyList<DigestItem> Items) Read(NewDigests wanted, string? idempotencyKey)
    {
        // The serializer checks a dictionary's and a list's own nullability, not that of what is in them.
        if (wanted.Items.Any(i => i is null) || wanted.Notes?.Any(n => n.Value is null) == true)
        {
            throw new FaultException(Fault.Malformed, "an item or a note is null");
        }

        var options = new DepositOptions(null, null, wanted.Notes ?? new Dictionary<string, string>(), wanted.Previous, idempotencyKey, null, wanted.Letter == LetterWish.OnRequest);
        return (options, [.. wanted.Items.Select(i => new DigestItem(i.Name, i.Size, i.MediaType, i.Digests.Sha256))]);
    }

    // curl --data-binary says this of any file unless it is told otherwise: it is no statement about the content.
    private static string? MediaType(HttpRequest request)
        => string.IsNullOrEmpty(request.ContentType) || request.ContentType.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase)
            ? null
            : request.ContentType;

    /// <summary>A query on a route without one is a misunderstanding that must not pass silently.</summary>
    public static void DemandNoQuery(HttpContext http) => _ = new QueryReader(http);
}
