namespace Notary.Deposits;

/// <summary>The depositor on whose behalf a call is made. Every query takes it first: nothing is found without it.</summary>
/// <param name="Id">Stable id: 1–40 of <c>a-z 0-9 -</c>.</param>
/// <param name="Name">Name for letters.</param>
/// <param name="Did">The depositor's DID, written into manifests.</param>
/// <param name="Sandbox">Whether all that it deposits is a test, which its manifests then say.</param>
public sealed record Tenant(string Id, string Name, string Did, bool Sandbox);

/// <summary>What a depositor says about a deposit besides its bytes.</summary>
/// <param name="Name">File name, metadata only: at most 255 units of UTF-16. Empty when not given.</param>
/// <param name="MediaType">RFC 6838 type; <c>application/octet-stream</c> when not given.</param>
/// <param name="Notes">At most 32 pairs, 8 KiB of UTF-8 together.</param>
/// <param name="Previous">Manifest digest of the deposit this one continues.</param>
/// <param name="IdempotencyKey">At most 255 printable ASCII characters.</param>
/// <param name="ContentDigest">RFC 9530 sha-256 of the body; a body that differs is refused and nothing of it kept.</param>
/// <param name="LetterOnRequest">True: no tokens of its own and no letter until one is asked for; the checkpoint's tokens and anchor still cover it.</param>
public sealed record DepositOptions(
    string? Name,
    string? MediaType,
    IReadOnlyDictionary<string, string> Notes,
    Digest? Previous,
    string? IdempotencyKey,
    Digest? ContentDigest,
    bool LetterOnRequest)
{
    /// <summary>The request's correlation id, which the deposit's log lines carry up to its certificate. No part of the evidence.</summary>
    public string? CorrelationId { get; init; }
}

/// <summary>One digest of a digest-only deposit. Size in bytes when the depositor says it.</summary>
public sealed record DigestItem(string Name, long? Size, string MediaType, Digest Sha256);

/// <summary>The answer to a deposit, durable by the time it exists.</summary>
/// <param name="Json">The exact body: byte-equal on every replay of the same idempotency key.</param>
/// <param name="Id">The deposit.</param>
/// <param name="Replayed">True when an earlier request with the same key made it.</param>
public sealed record ReceiptResult(byte[] Json, DepositId Id, bool Replayed);

/// <summary>The answer to a bulk request, durable by the time it exists; equal on every replay of the same idempotency key.</summary>
public sealed class BulkReceipt
{
    private readonly IReadOnlyList<DepositRow> rows;

    internal BulkReceipt(IReadOnlyList<DepositRow> rows, bool Replayed) => (this.rows, this.Replayed) = (rows, Replayed);

    /// <summary>True when an earlier request with the same key had made all of it.</summary>
    public bool Replayed { get; }

    /// <summary>Deposits in the order of the request.</summary>
    public IEnumerable<DepositId> Ids => rows.Select(row => row.Id);

    /// <summary>Writes the exact body.</summary>
    public Task WriteAsync(Stream output, CancellationToken cancel) => Receipt.WriteAsync(rows, output, cancel);
}

/// <summary>One token in a view.</summary>
public sealed record TimeView(string Authority, DateTimeOffset GenTime, string Over);

/// <summary>The anchor that covers a deposit. Final only under the configured number of confirmations.</summary>
public sealed record AnchorView(long ChainId, string Contract, string Transaction, long Block, string BlockHash, DateTimeOffset BlockTime, long Size);

/// <summary>A deposit as its owner sees it.</summary>
public sealed record DepositView(
    string Id,
    DepositState State,
    DateTimeOffset ReceivedAt,
    string Kind,
    IReadOnlyList<ManifestItem> Items,
    IReadOnlyDictionary<string, string> Notes,
    string ManifestDigest,
    string? Previous,
    long? Index,
    IReadOnlyList<TimeView> Times,
    AnchorView? Anchor,
    string Letter,
    DateTimeOffset? CertifiedAt,
    string? Fault,
    IReadOnlyList<int> Originals)
{
    /// <summary>Of an item of a batch: the partner's own.</summary>
    public string? Reference { get; init; }

    /// <summary>True of a test deposit of a sandbox tenant, as its manifest says; absent of all others.</summary>
    public bool? Test { get; init; }
}

/// <summary>A deposit in the log under the first checkpoint that is time-stamped.</summary>
/// <param name="Manifest">Canonical bytes.</param>
/// <param name="Proof">Of inclusion, with the checkpoint.</param>
/// <param name="Tokens">Over the checkpoint, DER, one of each authority.</param>
public sealed record DatedDeposit(byte[] Manifest, TlogProof Proof, IReadOnlyList<byte[]> Tokens);

/// <summary>One page of deposits; <paramref name="Continuation"/> is null on the last.</summary>
public sealed record DepositPage(IReadOnlyList<DepositView> Items, string? Continuation);

/// <summary>An original that can be read back. Size in bytes.</summary>
public sealed record OriginalInfo(string Name, string MediaType, long Size, Digest Sha256);
