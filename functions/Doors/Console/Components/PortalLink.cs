namespace Notary.Pages.Components;

/// <summary>A place in the Azure portal, and what is found there.</summary>
public sealed record PortalLink(Words Name, string Url);
