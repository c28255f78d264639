namespace Notary.Servers.Arm;

/// <summary>What an <see cref="ArmServer"/> holds when it starts.</summary>
public sealed record ArmServerOptions
{
    /// <summary>What a machine runs: <c>notary-recorder</c>.</summary>
    public required string Recorder { get; init; }

    /// <summary>What records on it, in that program's place; null for itself.</summary>
    public string? Desktop { get; init; }

    public string Subscription { get; init; } = "00000000-0000-0000-0000-000000000001";

    public string SessionsGroup { get; init; } = "rg-sessions";

    public string PoolGroup { get; init; } = "rg-forensics";

    public string Pool { get; init; } = "vdpool";

    /// <summary>Who is in the directory.</summary>
    public string User { get; init; } = "li@office.example";

    /// <summary>Seconds that Retry-After says.</summary>
    public int RetryAfterSeconds { get; init; } = 1;
}

/// <summary>How the service misbehaves beyond what a <see cref="FaultProxy"/> before it can do.</summary>
public enum ArmFault
{
    None,

    /// <summary>A deployment fails after its interface: half of it is left.</summary>
    DeploymentHalfway,

    /// <summary>A machine never becomes available.</summary>
    NeverAvailable,

    /// <summary>The next deletion of a machine is accepted and fails.</summary>
    DeletionFails,

    /// <summary>A machine's session never begins.</summary>
    NoAgent,
}
