namespace Notary.Evidence.Batches;

/// <summary>Names and bounds of notary-item/1: the items of a batch (docs/evidence-format.md, "Batch").</summary>
public static class BatchFormat
{
    /// <summary>The kind of a batch's manifest.</summary>
    public const string Kind = "batch";

    /// <summary>The format of an item, which is also what separates its hash from every other.</summary>
    public const string Item = "notary-item/1";

    /// <summary>The format of an item's path.</summary>
    public const string Proof = "notary-item-proof/1";

    /// <summary>What a batch's manifest calls the file of its items.</summary>
    public const string ItemsName = "items.ndjson";

    /// <summary>What partners send, and what that file is.</summary>
    public const string MediaType = "application/x-ndjson";

    /// <summary>Items of a batch: what one request sends within Azure's 230 seconds, and what an index holds in some 12 MB.</summary>
    public const int MaxItems = 1_000_000;

    /// <summary>Bytes of a line as it is sent, without its end: more than all fields at their bounds need.</summary>
    public const int MaxLine = 16 * 1024;

    /// <summary>Bytes of an item: what the bounds below add up to, controls of notes escaped, is less.</summary>
    public const int MaxItemBytes = 16 * 1024;

    /// <summary>UTF-16 units of a partner's own reference: longer than any number or URN in use, short enough to be shown.</summary>
    public const int MaxReferenceLength = 255;

    /// <summary>Bytes of an item's notes together: a million items repeat them.</summary>
    public const int MaxNotesBytes = 1024;

    /// <summary>Hashes of a path: the tree of <see cref="MaxItems"/> is 20 high.</summary>
    public const int MaxPath = 20;

    /// <summary>Items behind one entry of the offset table: a table of 125 kB for a million, and one read of some 20 kB for a line.</summary>
    public const int Group = 64;

    /// <summary>Bytes of a batch's items as they are sent, unpacked: a thousand for each on average, notes included.</summary>
    public const long MaxBytes = 1L << 30;

    /// <summary>How far a packed request may unfold, beside a first MiB. Digests do not pack at all, so that honest lists unfold fourfold, a bomb a
    /// thousandfold.</summary>
    public const int MaxRatio = 100;
}
