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
/// <param name="Letter">Eager when absent.</param>
public sealed record NewDigests(
    IReadOnlyList<NewItem> Items, IReadOnlyDictionary<string, string>? Notes = null, Digest? Previous = null, LetterWish? Letter = null);

/// <summary>Digests to deposit, 1 to 10,000 items, each as a deposit of its own whose letter is issued on request. The notes stand in every one of them,
/// at most 1 KiB together.</summary>
public sealed record NewBulk(IReadOnlyList<NewItem> Items, IReadOnlyDictionary<string, string>? Notes = null);

/// <summary>One item. <paramref name="Size"/> in bytes; name, size and media type are what the depositor says, only the digest is what is fixed.</summary>
public sealed record NewItem(ItemDigests Digests, string? Name = null, long? Size = null, string? MediaType = null)
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
        if (IdempotencyKey.Of(http.Request) is null
            && http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
            throw new FaultException(Fault.Malformed,
                $"an empty file needs an {IdempotencyKey.Header}: proxies send a request without a body again, up to ten times");

        var query = new QueryReader(http, "name", NotePrefix, "previous", "letter");
        return new DepositOptions(
            FileName.Of(http.Request, query.Find("name")),
            string.IsNullOrEmpty(http.Request.ContentType) ? null : http.Request.ContentType,
            query.Group(NotePrefix),
            query.Digest("previous"),
            IdempotencyKey.Of(http.Request),
            ContentDigest.Of(http.Request).Sha256,
            query.Chosen("letter", "eager", "onRequest"))
        { CorrelationId = CorrelationId.Of(http) };
    }

    /// <exception cref="FaultException">Malformed or UnsupportedMediaType.</exception>
    public static DepositOptions ReadBatchOptions(HttpContext http)
    {
        var query = new QueryReader(http, NotePrefix, "previous", "letter");
        if (!MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type)
            || !type.MediaType.Equals(Evidence.Batches.BatchFormat.MediaType, StringComparison.OrdinalIgnoreCase)
            || (type.Charset.HasValue && !HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase)))
        {
            throw new FaultException(Fault.UnsupportedMediaType, $"a batch is {Evidence.Batches.BatchFormat.MediaType} in UTF-8");
        }

        return new DepositOptions(null, null, query.Group(NotePrefix), query.Digest("previous"), IdempotencyKey.Of(http.Request), null,
            query.Chosen("letter", "eager", "onRequest"))
        { CorrelationId = CorrelationId.Of(http) };
    }

    public static (DepositOptions Options, IReadOnlyList<DigestItem> Items) Read(NewDigests wanted, string? idempotencyKey, HttpContext http)
        => (Options(wanted.Notes, idempotencyKey, http) with
        {
            Previous = wanted.Previous,
            LetterOnRequest = wanted.Letter == LetterWish.OnRequest
        }, Items(wanted.Items));

    public static (DepositOptions Options, IReadOnlyList<DigestItem> Items) Read(NewBulk wanted, string? idempotencyKey, HttpContext http)
        => (Options(wanted.Notes, idempotencyKey, http) with { LetterOnRequest = true }, Items(wanted.Items));

    // The serializer checks a dictionary's and a list's own nullability, not that of what is in them.
    private static DepositOptions Options(IReadOnlyDictionary<string, string>? notes, string? idempotencyKey, HttpContext http)
        => notes?.Any(n => n.Value is null) != true
            ? new DepositOptions(null, null, notes ?? new Dictionary<string, string>(), null,
                idempotencyKey, null, LetterOnRequest: false)
            { CorrelationId = CorrelationId.Of(http) }
            : throw new FaultException(Fault.Malformed, "a note is null");

    private static DigestItem[] Items(IReadOnlyList<NewItem?> items)
        => [.. items.Select((item, i) => item is null
            ? throw new FaultException(Fault.Malformed, $"items[{i}] is null")
            : new DigestItem(item.Name ?? "", item.Size, item.MediaType ?? NewItem.DefaultMediaType, item.Digests.Sha256))];
}
