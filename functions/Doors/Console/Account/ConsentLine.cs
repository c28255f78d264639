namespace Notary.Pages.Account;

/// <summary>What somebody allowed an application.</summary>
/// <param name="Client">The application's client_id.</param>
/// <param name="Name">What it is called; null when it has been removed.</param>
/// <param name="Purpose">What for, as he read it.</param>
/// <param name="Scopes">What he allowed.</param>
/// <param name="At">When, UTC.</param>
public sealed record ConsentLine(string Client, string? Name, string Purpose, IReadOnlyList<string> Scopes, DateTimeOffset At);
