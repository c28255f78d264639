using System.Text.Json.Serialization;

namespace Notary.Cli;

/// <summary>A draw's main row as it lies in the table, read by the layout that functions/Systems/Lotteries/README.md states and by none of its code.</summary>
internal sealed record LotteryRow
{
    private const string Column = "Data";

    // What is missing or null where it may not be makes the row unreadable.
    private static readonly JsonSerializerOptions Strict = new() { RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };

    private static readonly string[] States = ["Draft", "Published", "Committed", "Revealing", "Drawn", "Certified", "Aborted"];

    /// <summary>A blob of container <c>draws</c>.</summary>
    internal sealed record StoredFile(string Blob, long Bytes, string Sha256);

    /// <summary>Under the vault's key.</summary>
    internal sealed record Wrapped(string Key, byte[] Value);

    internal sealed record StoredList(string Root, long Candidates, long Tickets, StoredFile File, Wrapped Secret);

    internal sealed record Fixed(string Commitment);

    internal sealed record Followed(string Id);

    internal sealed record Ended(string Reason, bool? Known);

    internal sealed record Seen(string Seed);

    public required string Id { get; init; }

    public required string Tenant { get; init; }

    public required byte[] Terms { get; init; }

    public required string State { get; init; }

    public string Step { get; init; } = "";

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? PublishedAt { get; init; }

    public StoredList? List { get; init; }

    public Fixed? Frozen { get; init; }

    public Wrapped? Party { get; init; }

    public Followed? CommitmentDeposit { get; init; }

    public Followed? ResultDeposit { get; init; }

    public Seen? Seed { get; init; }

    public string? Result { get; init; }

    public Ended? Aborted { get; init; }

    public IReadOnlyDictionary<string, StoredFile> Files { get; init; } = new Dictionary<string, StoredFile>();

    [JsonIgnore]
    public Digest DrawId => Digest.Parse(Id);

    /// <summary>Whether it has come to that state, in the order of a draw's life.</summary>
    public bool Is(string state) => State != "Aborted" && Array.IndexOf(States, State) >= Array.IndexOf(States, state);

    /// <summary>Null when it cannot be read, or what is written twice contradicts itself.</summary>
    public static LotteryRow? Read(TableEntity entity)
    {
        var bytes = new List<byte>();
        for (var i = 0; entity[$"{Column}{i.ToString(CultureInfo.InvariantCulture)}"] is byte[] chunk; i++)
            bytes.AddRange(chunk);

        try
        {
            return JsonSerializer.Deserialize<LotteryRow>(bytes.ToArray(), Strict) is { } row && entity.PartitionKey == $"draw-{row.Id}"
                && Digest.TryParse(row.Id, out _) && entity["Tenant"] as string == row.Tenant && entity["State"] as string == row.State
                && States.Contains(row.State) && (row.State == "Draft") == (row.Step.Length == 0) && (row.State == "Aborted") == (row.Aborted is not null)
                ? row : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
