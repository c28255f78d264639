using System.Text.Json.Serialization;

namespace Notary.Forensics;

/// <summary>A head of the chain that is deposited.</summary>
/// <param name="Manifest">Digest of the deposit's manifest.</param>
internal sealed record HeadRow(long Link, string Deposit, string Manifest);

/// <summary>A head that is being deposited: written down before, so that whoever comes after a crash deposits this one and no later one.</summary>
internal sealed record Pledge(long Link, string Head, long Size)
{
    public StatedHead Of(DepositId session) => new(session, Link, Digest.Parse(Head), Size);
}

/// <summary>A session's main row. Replaced whole, under the version that was read.</summary>
internal sealed record SessionRow
{
    private const string Data = "Data";

    private static readonly JsonSerializerOptions Json = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    public required string Id { get; init; }

    public required string Tenant { get; init; }

    /// <summary>The tenant's name, for letters.</summary>
    public required string Name { get; init; }

    public required string Did { get; init; }

    /// <summary>Whether the tenant is a sandbox; absent where it is none, as in rows from before there were any.</summary>
    public bool? Sandbox { get; init; }

    public required string Page { get; init; }

    public required string Label { get; init; }

    /// <summary>Who uses it, where desktops are signed in to.</summary>
    public string? User { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public SessionState State { get; init; }

    public required DateTimeOffset Since { get; init; }

    /// <summary>When the user's input was connected.</summary>
    public DateTimeOffset? ReadyAt { get; init; }

    /// <summary>Asked for: how it is to end.</summary>
    public CloseReason? Ending { get; init; }

    public string? Why { get; init; }

    public IReadOnlyList<FailedCheck> Checks { get; init; } = [];

    public long Links { get; init; }

    public Pledge? Pledged { get; init; }

    public HeadRow? Head { get; init; }

    /// <summary>When the newest head was deposited.</summary>
    public DateTimeOffset? HeadAt { get; init; }

    /// <summary>Whether its files have every head with proof and time-stamps.</summary>
    public bool Sealed { get; init; }

    public string? Deposit { get; init; }

    /// <summary>Whether its remote forensics letter is there.</summary>
    public bool Letter { get; init; }

    /// <summary>Nothing is left to do.</summary>
    public bool Over { get; init; }

    [JsonIgnore]
    public ETag ETag { get; init; }

    [JsonIgnore]
    public DepositId SessionId => DepositId.Parse(Id);

    [JsonIgnore]
    public Tenant Owner => new(Tenant, Name, Did, Sandbox == true);

    /// <summary>Whether it has a desktop, or may have.</summary>
    [JsonIgnore]
    public bool IsLive => State <= SessionState.Closing;

    public SessionView ToView() => new(Id, State, Page, Label, CreatedAt, Since, Links, Head?.Link,
        Ending is { } ending ? SessionRow.Word(ending) : null, Why, Checks, Deposit);

    /// <summary>As links spell it.</summary>
    public static string Word(CloseReason reason) => JsonNamingPolicy.KebabCaseLower.ConvertName(reason.ToString());

    public TableEntity ToEntity() => new(SessionKeys.Partition(Tenant), SessionKeys.Session(SessionId))
    {
        [nameof(Tenant)] = Tenant,
        [nameof(State)] = State.ToString(),
        [Data] = JsonSerializer.SerializeToUtf8Bytes(this, Json),
    };

    public static SessionRow From(TableEntity entity)
        => (JsonSerializer.Deserialize<SessionRow>(entity.GetBinary(Data), Json)
            ?? throw new FaultException(Fault.EvidenceInvalid, "a session's row cannot be read")) with
        { ETag = entity.ETag };
}
