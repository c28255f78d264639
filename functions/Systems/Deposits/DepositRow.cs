namespace Notary.Deposits;

/// <summary>A deposit's row: what was fixed at intake, and what its processes added since.</summary>
/// <remarks>The state is not a column: it follows from the index and from the checkpoints that cover it, so nothing can disagree with it.</remarks>
internal sealed record DepositRow(
    string Tenant,
    DepositId Id,
    string DepositorName,
    byte[] ManifestBytes,
    bool LetterOnRequest,
    DateTimeOffset TimestampedBy,
    DateTimeOffset AnchoredBy)
{
    /// <summary>A binary column holds at most 64 KiB; a manifest of 100 long names is larger.</summary>
    private const int ColumnBytes = 60 * 1024;

    public long? Index { get; init; }

    public DateTimeOffset? CertifiedAt { get; init; }

    /// <summary>Blob name of the letter that is in force.</summary>
    public string? LetterBlob { get; init; }

    /// <summary>Size of the anchored checkpoint that the letter speaks of.</summary>
    public long? LetterSize { get; init; }

    /// <summary>Fault code of a deposit whose evidence does not hold.</summary>
    public string? Fault { get; init; }

    /// <summary>Items whose original is kept.</summary>
    public IReadOnlyList<int> Originals { get; init; } = [];

    /// <summary>Sizes in bytes of originals that came later, by item; a manifest may not tell them.</summary>
    public IReadOnlyDictionary<int, long> Sizes { get; init; } = new Dictionary<int, long>();

    /// <summary>CRC-32 of originals, by item, for a bundle's zip headers; rows of earlier releases have none.</summary>
    public IReadOnlyDictionary<int, uint> Crcs { get; init; } = new Dictionary<int, uint>();

    /// <summary>Tokens over the manifest, DER, by authority.</summary>
    public IReadOnlyDictionary<string, byte[]> Tokens { get; init; } = new Dictionary<string, byte[]>();

    public ETag ETag { get; init; }

    public Digest Leaf => Digest.Of(ManifestBytes);

    public Manifest Manifest => Manifest.Parse(ManifestBytes);

    public static string TokenColumn(string authority) => $"Token_{authority}";

    public static string SizeColumn(int item) => $"Size_{item}";

    public static string CrcColumn(int item) => $"Crc_{item}";

    public static string OriginalsColumn(IEnumerable<int> items) => string.Join(',', items.Order());

    public TableEntity ToEntity()
    {
        var entity = new TableEntity(DepositKeys.Shard(Tenant), DepositKeys.Deposit(Tenant, Id))
        {
            ["Tenant"] = Tenant,
            ["Id"] = Id.ToString(),
            ["DepositorName"] = DepositorName,
            ["Leaf"] = Leaf.ToString(),
            ["LetterOnRequest"] = LetterOnRequest,
            ["TimestampedBy"] = TimestampedBy,
            ["AnchoredBy"] = AnchoredBy,
            ["Originals"] = OriginalsColumn(Originals),
        };
        foreach (var (item, crc) in Crcs)
            entity[CrcColumn(item)] = (long)crc;

        foreach (var (chunk, i) in ManifestBytes.Chunk(ColumnBytes).Select((chunk, i) => (chunk, i)))
            entity[$"Manifest{i}"] = chunk;

        return entity;
    }

    public static DepositRow From(TableEntity entity) => new(
        entity.GetString("Tenant")!,
        DepositId.Parse(entity.GetString("Id")!),
        entity.GetString("DepositorName") ?? "",
        [.. Enumerable.Range(0, int.MaxValue).Select(i => entity.GetBinary($"Manifest{i}")).TakeWhile(chunk => chunk is not null).SelectMany(chunk => chunk!)],
        entity.GetBoolean("LetterOnRequest") ?? false,
        entity.GetDateTimeOffset("TimestampedBy") ?? default,
        entity.GetDateTimeOffset("AnchoredBy") ?? default)
    {
        Index = entity.GetInt64("Index"),
        CertifiedAt = entity.GetDateTimeOffset("CertifiedAt"),
        LetterBlob = entity.GetString("LetterBlob"),
        LetterSize = entity.GetInt64("LetterSize"),
        Fault = entity.GetString("Fault") is { Length: > 0 } fault ? fault : null,
        Originals = [.. (entity.GetString("Originals") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)],
        Tokens = entity.Keys.Where(key => key.StartsWith("Token_", StringComparison.Ordinal))
            .ToDictionary(key => key["Token_".Length..], key => entity.GetBinary(key)!, StringComparer.Ordinal),
        Sizes = ByItem(entity, "Size_", value => value),
        Crcs = ByItem(entity, "Crc_", value => (uint)value),
        ETag = entity.ETag,
    };

    private static Dictionary<int, T> ByItem<T>(TableEntity entity, string prefix, Func<long, T> read)
        => entity.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(
            key => int.Parse(key[prefix.Length..], System.Globalization.CultureInfo.InvariantCulture), key => read(entity.GetInt64(key)!.Value));
}
