namespace Notary.Identity.People;

/// <summary>What somebody may do. A tenant's people have one of the first three, the office's staff one of the others.</summary>
public enum Role
{
    /// <summary>Reads a tenant's deposits.</summary>
    Viewer,

    /// <summary>Reads them and makes new ones.</summary>
    Depositor,

    /// <summary>Does both, and manages keys, members and clients.</summary>
    Owner,

    /// <summary>Staff: finds deposits and mends what is parked.</summary>
    Clerk,

    /// <summary>Staff: what a clerk does, and signs.</summary>
    Notary,

    /// <summary>Staff: reads everything, changes nothing.</summary>
    Auditor,

    /// <summary>Staff: runs the platform.</summary>
    Operator,
}

/// <summary>Who a browser's session speaks for.</summary>
/// <param name="Person">The person's id, the same for as long as he is known.</param>
/// <param name="Tenant">The tenant's id; null for staff.</param>
/// <param name="Role">What he may do there.</param>
/// <param name="Name">How he is greeted.</param>
/// <param name="Session">The session's id, under which it is listed and revoked; not the cookie's secret.</param>
/// <param name="At">When he proved who he is (OpenID Connect Core 1.0 §2, auth_time).</param>
public sealed record SignedIn(string Person, string? Tenant, Role Role, string Name, string Session, DateTimeOffset At);
