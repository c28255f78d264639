using System.Globalization;
using Notary.Evidence;
using Notary.Storage;

namespace Notary.Cli;

/// <summary>A deposit's row as it lies in the table, read by the layout that functions/Deposits/README.md states and by none of its code.</summary>
internal sealed record DepositRecord(string Where, string Tenant, string Id, byte[] Manifest, string? Leaf, long? Index)
{
    public required IReadOnlyDictionary<string, byte[]> Tokens { get; init; }

    public required IReadOnlyList<int> Originals { get; init; }

    public DateTimeOffset? CertifiedAt { get; init; }

    public string? LetterBlob { get; init; }

    public long? LetterSize { get; init; }

    public string? DepositorName { get; init; }

    /// <summary>Tenant and id are written twice, in the key and beside it.</summary>
    public bool KeyAgrees { get; init; }

    public string? Fault { get; init; }
}

/// <summary>A checkpoint's row.</summary>
internal sealed record CheckpointRecord(string Where, long Size, string? Root, string? Note, DateTimeOffset? At, DateTimeOffset? StampedAt, IReadOnlyDictionary<string, byte[]> Tokens);

/// <summary>An anchor's row.</summary>
internal sealed record AnchorRecordRow(string Where, long Size, bool Final, byte[] Proof, string? BlockHash);

/// <summary>Everything the tables say, read once.</summary>
internal sealed class RawRows
{
    private const string TokenPrefix = "Token_";

    public List<DepositRecord> Deposits { get; } = [];

    public List<CheckpointRecord> Checkpoints { get; } = [];

    public List<AnchorRecordRow> Anchors { get; } = [];

    /// <summary>Rows beside the deposits, by their key: partition and row.</summary>
    public Dictionary<(string Partition, string Row), TableEntity> Others { get; } = [];

    /// <summary>The sequencer's record: size, right edge and signed checkpoint.</summary>
    public TableEntity? Head { get; private set; }

    public static async Task<RawRows> ReadAsync(StorageAccount storage, Action<string> progress, CancellationToken c)
    {
        var rows = new RawRows();

        // Deposits before checkpoints: what has an index by now is in the log that is read afterwards.
        await foreach (var entity in storage.Table(Names.Deposits).QueryAsync(cancel: c))
        {
            if (entity.RowKey.StartsWith("d|", StringComparison.Ordinal))
            {
                rows.Deposits.Add(Deposit(entity));
                if (rows.Deposits.Count % 10_000 == 0)
                {
                    progress($"{rows.Deposits.Count} deposits read");
                }
            }
            else
            {
                rows.Others[(entity.PartitionKey, entity.RowKey)] = entity;
            }
        }

        await foreach (var entity in storage.Table(Names.Checkpoints).QueryAsync(cancel: c))
        {
            var size = entity.RowKey.Length == 20 && long.TryParse(entity.RowKey, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : -1;
            var where = $"{Names.Checkpoints}/{entity.PartitionKey}/{entity.RowKey}";
            switch (entity.PartitionKey)
            {
                case "checkpoint":
                    rows.Checkpoints.Add(new CheckpointRecord(where, size, entity.GetString("Root"), entity.GetString("Note"), entity.GetDateTimeOffset("At"), entity.GetDateTimeOffset("StampedAt"), Tokens(entity)));
                    break;
                case "anchor" when entity.RowKey != "head":
                    rows.Anchors.Add(new AnchorRecordRow(where, size, entity.GetBoolean("Final") ?? false, entity.GetBinary("Proof") ?? [], entity.GetString("BlockHash")));
                    break;
                case "log" when entity.RowKey == "head":
                    rows.Head = entity;
                    break;
            }
        }

        rows.Checkpoints.Sort((a, b) => a.Size.CompareTo(b.Size));
        rows.Anchors.Sort((a, b) => a.Size.CompareTo(b.Size));
        return rows;
    }

    private static DepositRecord Deposit(TableEntity e)
    {
        var manifest = new List<byte>();
        for (var i = 0; e.GetBinary($"Manifest{i}") is { } chunk; i++)
        {
            manifest.AddRange(chunk);
        }

        var key = e.RowKey.Split('|');
        return new DepositRecord($"{Names.Deposits}/{e.PartitionKey}/{e.RowKey}", key.Length == 3 ? key[1] : "", key.Length == 3 ? key[2] : "", [.. manifest], e.GetString("Leaf"), e.GetInt64("Index"))
        {
            Tokens = Tokens(e),
            Originals = [.. (e.GetString("Originals") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries)
                .Select(i => int.TryParse(i, NumberStyles.None, CultureInfo.InvariantCulture, out var item) ? item : -1)],
            CertifiedAt = e.GetDateTimeOffset("CertifiedAt"),
            LetterBlob = e.GetString("LetterBlob"),
            LetterSize = e.GetInt64("LetterSize"),
            KeyAgrees = key.Length == 3 && e.GetString("Tenant") == key[1] && e.GetString("Id") == key[2],
            DepositorName = e.GetString("DepositorName"),
            Fault = e.GetString("Fault"),
        };
    }

    private static Dictionary<string, byte[]> Tokens(TableEntity e)
        => e.Keys.Where(k => k.StartsWith(TokenPrefix, StringComparison.Ordinal)).ToDictionary(k => k[TokenPrefix.Length..], k => e.GetBinary(k) ?? [], StringComparer.Ordinal);
}
