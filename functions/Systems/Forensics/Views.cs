using System.Text.Json.Serialization;

namespace Notary.Forensics;

/// <summary>How far a session is.</summary>
public enum SessionState
{
    Requested,

    /// <summary>A desktop is on its way.</summary>
    Provisioning,

    /// <summary>It is recorded, and its cleanliness is measured.</summary>
    Measuring,

    /// <summary>Measured, in the log, and the user's input is connected.</summary>
    Ready,

    /// <summary>The user has touched it.</summary>
    Active,

    /// <summary>It is asked to end.</summary>
    Closing,

    /// <summary>Ended; every head of its chain is in the log and time-stamped.</summary>
    Sealed,

    /// <summary>The package is deposited.</summary>
    Deposited,

    /// <summary>The desktop was not clean; nothing is kept.</summary>
    Refused,

    /// <summary>It broke off; what was sealed by then is deposited.</summary>
    Broken,
}

/// <summary>The answer to who asks for a session; the same for ever.</summary>
public sealed record SessionReceipt(string Id, string Page, string Label, DateTimeOffset CreatedAt, string Self);

/// <summary>A session as its owner sees it.</summary>
/// <param name="Since">When the state was reached.</param>
/// <param name="Links">Links of its chain.</param>
/// <param name="Logged">Number of the newest link whose hash is in the log.</param>
/// <param name="Ending">Why it ends: exit, idle, longest, aborted.</param>
/// <param name="Why">Code of why it broke off, or has no letter.</param>
/// <param name="Checks">What made the desktop be refused.</param>
/// <param name="Deposit">Of the package.</param>
public sealed record SessionView(
    string Id, SessionState State, string Page, string Label, DateTimeOffset CreatedAt, DateTimeOffset Since, long Links,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? Logged,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Ending,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Why,
    IReadOnlyList<FailedCheck> Checks,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Deposit);

/// <summary>A file that was brought into the evidence, as its link seals it.</summary>
public sealed record SessionFile(string Name, long Size, Digest Digest);

/// <summary>A check that a desktop did not pass.</summary>
public sealed record FailedCheck(string Name, string Expected, string Found);

/// <summary>One page of sessions, newest first; <paramref name="Continuation"/> is null on the last.</summary>
public sealed record SessionPage(IReadOnlyList<SessionView> Sessions, string? Continuation);
