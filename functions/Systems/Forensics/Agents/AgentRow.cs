using System.Text.Json.Serialization;
using Notary.Forensics.Desktops;

namespace Notary.Forensics.Agents;

/// <summary>A desktop elsewhere: whose, how far its machine is, and which keys its agent may show. Replaced whole, under the version that was read.</summary>
internal sealed record AgentRow
{
    private const string Data = "Data";

    private static readonly JsonSerializerOptions Json = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public required string Id { get; init; }

    public required string Page { get; init; }

    /// <summary>The user's name in the directory that desktops are signed in to.</summary>
    public string? User { get; init; }

    /// <summary>SHA-256 of each key that a machine of this session may have been given.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>Its machine has been begun: it is never begun again.</summary>
    public bool Begun { get; init; }

    /// <summary>Its user may enter it.</summary>
    public bool Assigned { get; init; }

    /// <summary>Its chain has ended: its keys count no more, and its machine is taken down.</summary>
    public bool Closed { get; init; }

    [JsonIgnore]
    public ETag ETag { get; init; }

    [JsonIgnore]
    public DepositId Session => DepositId.Parse(Id);

    public static AgentRow Of(DesktopOrder order) => new() { Id = order.Session.ToString(), Page = order.Page.AbsoluteUri, User = order.User };

    public TableEntity ToEntity()
        => new(SessionKeys.Agent(Session), SessionKeys.AgentRow) { [Data] = JsonSerializer.SerializeToUtf8Bytes(this, Json) };

    public static AgentRow From(TableEntity entity)
        => (JsonSerializer.Deserialize<AgentRow>(entity.GetBinary(Data), Json)
            ?? throw new FaultException(Fault.EvidenceInvalid, "an agent's row cannot be read")) with
        { ETag = entity.ETag };
}

/// <summary>A line for an agent.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Text">As docs/operations.md has them: <c>input</c>, <c>mark NOTE</c>, <c>close REASON</c>.</param>
public sealed record AgentCommand(long Number, string Text);
