namespace Notary.Host.Api;

/// <summary>The answer to a deposit: durable by the time it is sent, byte-equal on every replay of its Idempotency-Key.</summary>
/// <param name="Format">notary-receipt/1.</param>
/// <param name="State">Always Received: what a receipt says does not change.</param>
/// <param name="ManifestDigest">SHA-256 of the manifest's canonical bytes, the leaf of the log.</param>
/// <param name="Manifest">The manifest (docs/evidence-format.md), salt included: keep it.</param>
/// <param name="Promise">By when the deposit is to be stamped and anchored.</param>
/// <param name="Self">Where to follow it.</param>
public sealed record ReceiptView(string Format, string Id, string State, string ManifestDigest, JsonElement Manifest, ReceiptPromise Promise, string Self);

/// <summary>Deadlines, UTC.</summary>
public sealed record ReceiptPromise(DateTimeOffset TimestampedBy, DateTimeOffset AnchoredBy);

/// <summary>The answer to a bulk request: all of it is durable by the time it is sent, byte-equal on every replay of its Idempotency-Key.</summary>
/// <param name="Format">notary-bulk-receipt/1.</param>
/// <param name="Count">Deposits.</param>
/// <param name="Receipts">A receipt for each item, in the request's order; each stands for itself.</param>
public sealed record BulkReceiptView(string Format, int Count, IReadOnlyList<ReceiptView> Receipts);

/// <summary>Sends a bulk request's receipts as they are made.</summary>
internal sealed class BulkAnswer(BulkReceipt receipt) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = StatusCodes.Status201Created;
        response.ContentType = "application/json; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        if (receipt.Replayed)
            response.Headers["Idempotency-Replayed"] = "true";

        return receipt.WriteAsync(response.Body, httpContext.RequestAborted);
    }
}

/// <summary>Sends a receipt's exact bytes.</summary>
internal sealed class Receipt(ReceiptResult receipt, int status = StatusCodes.Status201Created) : IResult
{
    /// <summary>Where what was made is found.</summary>
    public string Of { get; init; } = "deposits";

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = status;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = receipt.Json.Length;
        if (status == StatusCodes.Status201Created)
            response.Headers.Location = $"/v1/{Of}/{receipt.Id}";

        response.Headers.CacheControl = "no-store";
        if (receipt.Replayed)
            response.Headers["Idempotency-Replayed"] = "true";

        return response.Body.WriteAsync(receipt.Json, httpContext.RequestAborted).AsTask();
    }
}
