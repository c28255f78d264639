namespace Notary.Cli;

/// <summary>What every part of an audit works with.</summary>
/// <param name="Now">The auditor's clock at the start, for telling leftovers from work under way.</param>
internal sealed partial record Audit(StorageAccount Storage, TrustRoots Trust, Findings Findings, Progress Progress, DateTimeOffset Now)
{
    /// <summary>How far honest clocks may differ: as in the verdict ladder (docs/evidence-format.md).</summary>
    public static readonly TimeSpan MaxSkew = TimeSpan.FromSeconds(120);

    /// <summary>Younger leftovers are work under way: the platform's own sweeper leaves them for 24 hours.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromHours(30);

    private readonly Dictionary<string, TokenVerifier> authorities = Trust.Authorities.ToDictionary(a => a.Name,
        a => new TokenVerifier(a.Roots, a.PolicyOid), StringComparer.Ordinal);

    public RawTables Tables { get; } = new(Storage);

    public Prints Prints { get; } = new();

    /// <summary>Checkpoints by size, with what processes are compared with.</summary>
    public PrintSet Checkpoints { get; } = new(valued: true);

    public const ulong CheckpointStamped = 1;

    /// <summary>Stamped before the grace and under a final anchor: its process may have been cleared away.</summary>
    public const ulong CheckpointDone = 2;

    /// <summary>Anchors by size, likewise.</summary>
    public PrintSet Anchors { get; } = new(valued: true);

    public const ulong AnchorFinal = 1;
    public const ulong AnchorSettled = 2;

    /// <summary>A letter that was asked for alone and is due or watched; any, if there is one.</summary>
    public TableEntity? Requested { get; set; }

    /// <summary>Recorded sessions by id, and whether each is over.</summary>
    public Dictionary<string, bool> Sessions { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether the anchor of a size had settled when the log was walked.</summary>
    public bool IsSettled(long size) => Anchors.Find(Prints.Of(RawTables.Size(size))) is { } value && (value & AnchorSettled) != 0;

    /// <summary>Rows are judged by as many threads as there are cores: most of the work is signatures.</summary>
    public static ParallelOptions Parallel(CancellationToken c) => new() { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = c };

    public bool IsOld(DateTimeOffset? since) => since is null || Now - since > Grace;

    /// <summary>The time in an id (RFC 9562 §5.7: 48 bits of milliseconds).</summary>
    public static DateTimeOffset TimeOf(DepositId id)
        => DateTimeOffset.FromUnixTimeMilliseconds(Convert.ToInt64(id.ToString().Replace("-", "", StringComparison.Ordinal)[..12], 16));

    /// <summary>One token, and whether its time is not before <paramref name="notBefore"/>. Null when it does not hold.</summary>
    public TokenCheck? Token(string where, string authority, byte[] token, Digest imprint, DateTimeOffset? notBefore)
    {
        Findings.Count("tokens");
        if (!authorities.TryGetValue(authority, out var verifier))
        {
            Findings.Add("I6", where, "authority-unknown", $"the trust roots do not know {authority}");
            return null;
        }

        var check = verifier.Check(token, imprint);
        if (!check.Ok)
        {
            Findings.Add("I6", where, $"token-{check.Code}", $"the token of {authority}: {check.Reason}");
            return null;
        }

        if (check.GenTime < notBefore - MaxSkew)
            Findings.Add("I5", where, "time-order", $"{authority} stamped this before it was there");

        return check;
    }

    /// <summary>Says so when the token of an authority is not among those kept.</summary>
    public void AllTokens(string where, IReadOnlyDictionary<string, byte[]> tokens, string what)
    {
        if (Trust.Authorities.FirstOrDefault(a => !tokens.ContainsKey(a.Name)) is { } missing)
            Findings.Add("I6", where, "token-missing", $"{what} without the token of {missing.Name}");
    }

    /// <summary>Whether a checkpoint's orchestration exists and will go on by itself.</summary>
    public async Task<bool> IsActiveAsync(long size, CancellationToken c)
        => await Tables.FindAsync(Names.TaskHubInstances, $"checkpoint-{RawTables.Size(size)}", "", c) is { } row
            && row["RuntimeStatus"] is "Pending" or "Running";

    /// <summary>Whether a batch that is part of the log is still on its way to the rows.</summary>
    public async Task<bool> IsBatchUnderWayAsync(CancellationToken c)
        => await Tables.HeadAsync(c) is { Stage.Length: > 0 } head && await Storage.Container(Names.Staging).GetBlobClient(head.Stage).ExistsAsync(c);

    /// <summary>I10: no column of an operational row holds an API key in clear.</summary>
    public void Secrets(TableEntity row, string table)
    {
        foreach (var (_, value) in row)
            Secrets(RawTables.Where(table, row), value as string ?? (value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : null));
    }

    /// <summary>I10: no API key in clear. The finding does not repeat it.</summary>
    public void Secrets(string where, string? text)
    {
        if (text is not null && text.Contains("ntk_", StringComparison.Ordinal) && Key().IsMatch(text))
            Findings.Add("I10", where, "secret-in-clear", "an API key stands here in clear; only its hash may be kept");
    }

    /// <summary>What a token says to those who compare letters; null when it does not hold.</summary>
    public (string Authority, string Over, TokenCheck Check)? Statement(string authority, byte[] token, Digest imprint, string over)
        => authorities.TryGetValue(authority, out var verifier) && verifier.Check(token, imprint) is { Ok: true } check ? (authority, over, check) : null;

    [GeneratedRegex("ntk_[0-9a-f]{16}_[0-9a-f]{64}", RegexOptions.CultureInvariant)]
    private static partial Regex Key();
}
