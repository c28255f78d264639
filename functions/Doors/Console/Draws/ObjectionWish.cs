namespace Notary.Pages.Draws;

/// <summary>A form for objections, as it is shown.</summary>
/// <param name="Token">Against forgery.</param>
/// <param name="Sent">The number of the one that was just sent; null when none was.</param>
/// <param name="Text">What was written and not taken.</param>
/// <param name="Contact">Likewise.</param>
/// <param name="Error">Why it was not taken.</param>
public sealed record ObjectionWish(string Token, int? Sent = null, string? Text = null, string? Contact = null, Words? Error = null);
