using Notary.Identity.People;

namespace Notary.Host.Access;

/// <summary>What an API key or an access token may do. It has one or both.</summary>
public enum Scope
{
    /// <summary>Make deposits and attach originals.</summary>
    [JsonStringEnumMemberName("write")]
    Write,

    /// <summary>Read deposits, letters, bundles and originals.</summary>
    [JsonStringEnumMemberName("read")]
    Read,
}

/// <summary>Who may call an endpoint. Every endpoint carries exactly one; start-up fails otherwise.</summary>
internal abstract record AccessRule
{
    /// <summary>Anybody: what is served is public.</summary>
    public sealed record Public : AccessRule;

    /// <summary>Anybody, as often as he likes: it costs nothing outside the process.</summary>
    public sealed record Probe : AccessRule;

    /// <summary>Anybody: the login centre reads the request itself, by the standards' rules, and says who may what.</summary>
    public sealed record Login : AccessRule;

    /// <summary>A tenant's API key, or a member's access token, with the scope.</summary>
    public sealed record Tenant(Scope Scope) : AccessRule;

    /// <summary>The agent of the session that the route names, with the key of that session.</summary>
    public sealed record Agent : AccessRule;

    /// <summary>The operator's key.</summary>
    public sealed record Operator : AccessRule;

    /// <summary>Whoever is signed in with a browser and has one of the roles; with any when none are named.</summary>
    public sealed record Person(IReadOnlyList<Role> Roles) : AccessRule;
}

/// <summary>The tenant a request speaks for, and the scopes of its key or token.</summary>
internal sealed record Caller(Tenant Tenant, IReadOnlyList<Scope> Scopes)
{
    public static Caller? Find(HttpContext http) => http.Features.Get<Caller>();

    /// <summary>The tenant, in a handler whose route demands one.</summary>
    public static Tenant TenantOf(HttpContext http)
        => Find(http)?.Tenant ?? throw new InvalidOperationException("the route does not demand a tenant");
}
