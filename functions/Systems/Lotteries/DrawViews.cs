using System.Text.Json.Serialization;

namespace Notary.Lotteries;

/// <summary>The list's commitment.</summary>
public sealed record ListView(string Root, long Candidates, long Tickets);

/// <summary>What <c>draw.json</c> fixed. Deadlines are numbers of blocks.</summary>
/// <param name="Beacon">The member of draw.json.</param>
/// <param name="BeaconAt">When the drand round comes; null for a block.</param>
public sealed record CommitmentView(
    string Digest, long ChainId, string Registry, long CommitDeadline, long RevealDeadline, JsonElement Beacon,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateTimeOffset? BeaconAt);

/// <summary>A party on chain.</summary>
public sealed record PartyView(
    int Index, string Party, string Commitment, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Secret);

/// <summary>The draw on chain after the block <paramref name="Head"/>.</summary>
/// <param name="Closed">No commit or reveal is taken any more.</param>
/// <param name="Outcome">Digest of the result, or of the reason.</param>
/// <param name="Signature">The drand round's, compressed, whose SHA-256 the beacon is: nobody who judges the beacon has to ask for it elsewhere.</param>
public sealed record ChainView(
    long Head,
    DateTimeOffset HeadAt,
    double SecondsPerBlock,
    IReadOnlyList<PartyView> Parties,
    bool Closed,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Beacon,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Seed,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Outcome,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Signature = null);

/// <summary>A round that is drawn; numbers as 32 hexadecimal digits.</summary>
public sealed record RoundView(
    int Round, long Eligible, long Tickets, long Winners, long Reserves,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? LastWinner,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? LastReserve);

/// <summary>Somebody's approval of a step.</summary>
public sealed record ApprovalView(string Step, string Notary, DateTimeOffset At);

/// <summary>How many objections there are.</summary>
public sealed record ObjectionCount(int Received, int Answered);

/// <summary>Where a deposit of one of the draw's files is.</summary>
public sealed record DrawDepositView(string DepositId, DepositState State);

/// <summary>The deposits of <c>draw.json</c> and <c>result.json</c>.</summary>
public sealed record DrawDepositsView(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DrawDepositView? Commitment,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DrawDepositView? Result);

/// <summary>How it ended without a result.</summary>
/// <param name="During">The state it was in.</param>
/// <param name="Known">The outcome could be known by then.</param>
public sealed record AbortView(DateTimeOffset At, string Reason, string During, bool Known);

/// <summary>A public file.</summary>
public sealed record DrawFileView(string Name, long Bytes, string Sha256);

/// <summary>A draw as everybody sees it; as its organiser does, with <paramref name="SubmittedAt"/>.</summary>
public sealed record DrawView(
    string DrawId,
    string Kind,
    string Title,
    string Organiser,
    string State,
    DateTimeOffset UpdatedAt,
    long Version,
    DrawRules Rules,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ListView? List,
    DrawSchedule Schedule,
    string Beacon,
    IReadOnlyList<string> Parties,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Plan,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] CommitmentView? Commitment,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ChainView? Chain,
    IReadOnlyList<RoundView> Rounds,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Result,
    IReadOnlyList<ApprovalView> Approvals,
    ObjectionCount Objections,
    DrawDepositsView Deposits,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] AbortView? Aborted,
    IReadOnlyList<DrawFileView> Files,
    DateTimeOffset? SubmittedAt = null);

/// <summary>A draw in a list of draws; in its organiser's, with <paramref name="SubmittedAt"/> and <paramref name="Unanswered"/>.</summary>
/// <param name="Unanswered">Objections that wait for an answer.</param>
public sealed record DrawLine(
    string DrawId, string Kind, string Title, string Organiser, string State,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? Candidates,
    DrawSchedule Schedule, DateTimeOffset UpdatedAt, DateTimeOffset? SubmittedAt = null, int? Unanswered = null);

/// <summary>One page of draws, newest first; <paramref name="Continuation"/> is null on the last.</summary>
public sealed record DrawPage(
    IReadOnlyList<DrawLine> Draws, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Continuation);

/// <summary>An objection, as the organiser and the office see it.</summary>
public sealed record ObjectionView(int Number, DateTimeOffset At, string Text, string Contact, string? Answer, DateTimeOffset? AnsweredAt);
