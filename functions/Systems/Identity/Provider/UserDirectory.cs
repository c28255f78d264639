using Notary.Identity.People;

namespace Notary.Identity.Provider;

/// <summary>Where somebody stands now.</summary>
/// <param name="Role">What he may do.</param>
/// <param name="Name">How he is greeted.</param>
public sealed record Standing(Role Role, string Name);

/// <summary>What the login centre asks about people; who they are is not its business.</summary>
/// <param name="SignedIn">Who a browser's session speaks for; null when nobody is signed in.</param>
/// <param name="Standing">Where a person stands in a tenant (null: on the staff); null when he is there no more. MUST feel a removal within seconds.</param>
/// <param name="SignOut">Ends the browser's session.</param>
public sealed record UserDirectory(
    Func<HttpContext, CancellationToken, ValueTask<SignedIn?>> SignedIn,
    Func<string, string?, CancellationToken, ValueTask<Standing?>> Standing,
    Func<HttpContext, CancellationToken, ValueTask> SignOut);
