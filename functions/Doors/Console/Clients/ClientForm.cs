namespace Notary.Pages.Clients;

/// <summary>What was filled in to register an application, as it was sent.</summary>
public sealed record ClientForm
{
    public string Name { get; init; } = "";

    public string Purpose { get; init; } = "";

    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>One address a line.</summary>
    public string RedirectUris { get; init; } = "";

    /// <summary>Likewise.</summary>
    public string LogoutUris { get; init; } = "";

    public bool Public { get; init; }

    public bool MustPush { get; init; }
}

/// <summary>A client's secret that was just made: shown in this answer and never again.</summary>
/// <param name="Client">The client_id.</param>
/// <param name="Secret">Null for one that keeps none.</param>
public sealed record ShownClient(string Client, string? Secret);
