namespace Notary.Pages.Account;

/// <summary>A link that was just made.</summary>
/// <param name="Url">The whole address, secret included.</param>
/// <param name="ExpiresAt">Until when it opens.</param>
public sealed record ShownLink(string Url, DateTimeOffset ExpiresAt);
