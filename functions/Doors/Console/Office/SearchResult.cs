namespace Notary.Pages.Office;

/// <summary>What a clerk looked for and what was found.</summary>
public sealed record SearchResult
{
    /// <summary>As it was typed.</summary>
    public string Asked { get; init; } = "";

    /// <summary>What it was taken for; null when it could be nothing.</summary>
    public Words? TakenFor { get; init; }

    /// <summary>Deposits, of whichever tenant.</summary>
    public IReadOnlyList<FoundDeposit> Deposits { get; init; } = [];

    /// <summary>Tenants whose id or name holds what was typed.</summary>
    public IReadOnlyList<FoundTenant> Tenants { get; init; } = [];

    /// <summary>Whether everything was looked through.</summary>
    public bool Whole { get; init; } = true;
}

/// <summary>A deposit in a list of finds: no name of a file, and no note.</summary>
public sealed record FoundDeposit(string Tenant, string TenantName, DepositView View);

/// <summary>A tenant in a list.</summary>
public sealed record FoundTenant(string Id, string Name, DateTimeOffset CreatedAt, bool Sandbox);
