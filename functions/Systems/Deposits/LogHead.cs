namespace Notary.Deposits;

/// <summary>The record whose swap makes a batch part of the log. There is one, and it only grows.</summary>
/// <param name="Range">The tree's right edge: enough to append without reading it.</param>
/// <param name="Note">The signed checkpoint; empty for the empty log.</param>
/// <param name="Stage">Blob with everything the batch publishes. It is deleted once published, so its absence says so.</param>
/// <param name="At">When the swap was made.</param>
internal sealed record LogHead(CompactRange Range, string Note, string Stage, DateTimeOffset At)
{
    public ETag ETag { get; init; }

    public TableEntity ToEntity() => new(DepositKeys.LogPartition, DepositKeys.Head)
    {
        ["Size"] = Range.Size,
        ["Range"] = Range.ToBytes(),
        ["Note"] = Note,
        ["Stage"] = Stage,
        ["At"] = At,
    };

    public static LogHead From(TableEntity entity) => new(
        CompactRange.Parse(entity.GetInt64("Size") ?? 0, entity.GetBinary("Range") ?? []),
        entity.GetString("Note")!,
        entity.GetString("Stage")!,
        entity.GetDateTimeOffset("At") ?? default)
    {
        ETag = entity.ETag,
    };
}

/// <summary>Everything a batch publishes, written before the swap so that anyone can finish what its writer began.</summary>
internal sealed record Stage(long From, IReadOnlyList<StagedEntry> Entries, IReadOnlyDictionary<string, byte[]> Files);

/// <summary>One deposit of a batch; its index is <see cref="Stage.From"/> plus its place.</summary>
internal sealed record StagedEntry(string Tenant, string Id, bool LetterOnRequest, string? CorrelationId = null);
