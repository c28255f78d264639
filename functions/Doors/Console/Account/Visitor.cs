using Notary.Identity.People;

namespace Notary.Pages.Account;

/// <summary>Who reads a page that is not for everybody.</summary>
/// <param name="Who">As his session says.</param>
/// <param name="Tenant">What his tenant is called; null for the staff.</param>
/// <param name="Token">What each of the page's forms must send back.</param>
/// <param name="Sandbox">Whether his tenant is one whose deposits are tests.</param>
public sealed record Visitor(SignedIn Who, string? Tenant, string Token, bool Sandbox);
