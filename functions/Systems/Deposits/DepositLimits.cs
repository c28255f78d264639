namespace Notary.Deposits;

/// <summary>Every bound of intake, with the attack or reason behind it.</summary>
public static class DepositLimits
{
    /// <summary>Items of one digest deposit: keeps the manifest's row under a table transaction's 4 MiB and a letter readable.</summary>
    public const int MaxItems = 100;

    /// <summary>Items of one bulk request, each a deposit: about ten seconds of one partition's 2,000 rows a second, and some 10 MB of receipts.</summary>
    public const int MaxBulkItems = 10_000;

    /// <summary>Deposits of a bulk request that are written in one table transaction.</summary>
    public const int BulkGroup = DepositTable.GroupSize;

    /// <summary>Bytes of a bulk request's notes together: every manifest of the request repeats them.</summary>
    public const int MaxBulkNotesBytes = 1024;

    /// <summary>UTF-16 units of a file name: what file systems allow, so no honest name is refused and no letter line is flooded.</summary>
    public const int MaxNameLength = Manifest.MaxNameLength;

    /// <summary>Characters of a media type: RFC 6838 section 4.2 allows 127 on each side of the slash.</summary>
    public const int MaxMediaTypeLength = 255;

    /// <summary>Pairs of notes.</summary>
    public const int MaxNotes = 32;

    /// <summary>Bytes of all notes together: they are hashed, stored in the row and printed.</summary>
    public const int MaxNotesBytes = 8 * 1024;

    /// <summary>Characters of an idempotency key: it is hashed into a row key, so length only costs bandwidth.</summary>
    public const int MaxIdempotencyKeyLength = 255;

    /// <summary>Rows of one page: bounds memory and the number of storage calls a reader can cause.</summary>
    public const int MaxPage = 100;

    /// <summary>Deposits that one search by text looks at: ten pages, a second or less.</summary>
    public const int MaxSearched = 1000;

    /// <summary>Deposits that a tenant's overview counts: a few queries, whatever the tenant has.</summary>
    public const int MaxSummarised = 500;

    /// <summary>Late deposits that an overview names: more are an outage, which is the office's to mend and not the reader's to read.</summary>
    public const int MaxLate = 20;

    /// <summary>Letters that an overview names: as many as one looks at.</summary>
    public const int MaxNewestLetters = 5;

    /// <summary>UTF-16 units of a text looked for: as long as a name may be.</summary>
    public const int MaxSearchText = 255;
}
