using System.Text.Json.Serialization;

namespace Notary.Lotteries;

/// <summary>How far a draw is, as everybody sees it.</summary>
public enum DrawState
{
    Draft,
    Published,
    Committed,
    Revealing,
    Drawn,
    Certified,
    Aborted,
}

/// <summary>A file in the container of draws. Never changed once a row names it.</summary>
internal sealed record StoredFile(string Blob, long Bytes, string Sha256);

/// <summary>The list as it was imported: its commitment, its public form, and its secret.</summary>
internal sealed record StoredList(string Root, long Candidates, long Tickets, StoredFile File, WrappedSecret Secret)
{
    public ListCommitment Commitment => new(Digest.Parse(Root), Candidates, Tickets);
}

/// <summary>What was fixed before there was any randomness; <c>draw.json</c> itself is a file.</summary>
/// <param name="Beacon">The member of draw.json, as JSON.</param>
/// <param name="BeaconAt">When a drand round comes; null for a block.</param>
internal sealed record Frozen(string Commitment, long CommitDeadline, long RevealDeadline, string Beacon, DateTimeOffset? BeaconAt);

/// <summary>Since which block the seed was seen on chain.</summary>
internal sealed record SeedSeen(long Block, string Seed);

/// <summary>Why, when and during what a draw ended without a result.</summary>
/// <param name="Known">The outcome could be known by then; null until the chain has said it.</param>
internal sealed record Abortion(DateTimeOffset At, string Reason, DrawState During, bool? Known);

/// <summary>A deposit of one of the draw's files, as far as it was followed.</summary>
internal sealed record FollowedDeposit(string Id, DepositState State);

/// <summary>A draw's main row: what was decided, and what its orchestration did since. Replaced whole, under the version that was read.</summary>
internal sealed record DrawRow
{
    /// <summary>A binary column holds at most 64 KiB.</summary>
    private const int ColumnBytes = 60 * 1024;

    private const string Data = "Data";

    private static readonly JsonSerializerOptions Json = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    public required string Id { get; init; }

    public required string Tenant { get; init; }

    /// <summary>The tenant's name, as it is shown for ever.</summary>
    public required string Organiser { get; init; }

    public required string Did { get; init; }

    /// <summary>Whether the tenant is a sandbox, and this a rehearsal; absent where it is none, as in rows from before there were any.</summary>
    public bool? Sandbox { get; init; }

    /// <summary><see cref="PlanTerms"/>, canonical.</summary>
    public required byte[] Terms { get; init; }

    public DrawState State { get; init; }

    /// <summary>What the orchestration does next (<see cref="Steps"/>); empty in a draft.</summary>
    public string Step { get; init; } = "";

    /// <summary>Grows with each change.</summary>
    public long Version { get; init; } = 1;

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public DateTimeOffset? SubmittedAt { get; init; }

    public DateTimeOffset? PublishedAt { get; init; }

    public StoredList? List { get; init; }

    /// <summary>Whoever has written or submitted it: none of them approves it.</summary>
    public IReadOnlyList<string> Preparers { get; init; } = [];

    public int Objections { get; init; }

    public int Answered { get; init; }

    public Frozen? Frozen { get; init; }

    /// <summary>The platform's own secret as a party.</summary>
    public WrappedSecret? Party { get; init; }

    public FollowedDeposit? CommitmentDeposit { get; init; }

    public FollowedDeposit? ResultDeposit { get; init; }

    public SeedSeen? Seed { get; init; }

    /// <summary>The drand round's signature, once the seed stands.</summary>
    public string? Signature { get; init; }

    public IReadOnlyList<RoundView> Rounds { get; init; } = [];

    public string? Result { get; init; }

    public Abortion? Aborted { get; init; }

    public IReadOnlyDictionary<string, StoredFile> Files { get; init; } = new Dictionary<string, StoredFile>();

    /// <summary>The chain as it was last read by a step.</summary>
    public ChainView? Chain { get; init; }

    [JsonIgnore]
    public ETag ETag { get; init; }

    [JsonIgnore]
    public Digest DrawId => Digest.Parse(Id);

    [JsonIgnore]
    public PlanTerms Plan => PlanTerms.Parse(Terms);

    /// <summary><c>plan.json</c>; null while there is no list.</summary>
    [JsonIgnore]
    public PlanDocument? Document => List is { } list ? new PlanDocument(DrawId, Plan, list.Commitment) : null;

    public TableEntity ToEntity()
    {
        var entity = new TableEntity(DrawKeys.Partition(DrawId), DrawKeys.Main) { [nameof(Tenant)] = Tenant, [nameof(State)] = State.ToString() };
        foreach (var (chunk, i) in JsonSerializer.SerializeToUtf8Bytes(this, Json).Chunk(ColumnBytes).Select((chunk, i) => (chunk, i)))
            entity[$"{Data}{i}"] = chunk;

        return entity;
    }

    public static DrawRow From(TableEntity entity)
    {
        var bytes = new List<byte>();
        for (var i = 0; entity.GetBinary($"{Data}{i}") is { } chunk; i++)
            bytes.AddRange(chunk);

        return (JsonSerializer.Deserialize<DrawRow>(bytes.ToArray(), Json)
            ?? throw new FaultException(Fault.EvidenceInvalid, "a draw's row cannot be read")) with
        { ETag = entity.ETag };
    }
}
