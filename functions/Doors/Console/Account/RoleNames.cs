using Notary.Identity.People;

namespace Notary.Pages.Account;

/// <summary>What roles are called.</summary>
public static class RoleNames
{
    /// <summary>A role's name.</summary>
    public static Words Of(Role role) => role switch
    {
        Role.Owner => ("管理人", "owner"),
        Role.Depositor => ("存证人", "depositor"),
        Role.Viewer => ("查阅人", "viewer"),
        Role.Clerk => ("书记员", "clerk"),
        Role.Notary => ("公证员", "notary"),
        Role.Auditor => ("审计员", "auditor"),
        _ => ("运维员", "operator"),
    };

    /// <summary>What whoever has it may do.</summary>
    public static Words Meaning(Role role) => role switch
    {
        Role.Owner => ("查阅、存证，并管理成员、密钥和应用", "reads, deposits, and manages members, keys and applications"),
        Role.Depositor => ("查阅和存证", "reads and deposits"),
        _ => ("只查阅", "reads"),
    };
}
