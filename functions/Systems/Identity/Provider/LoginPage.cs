using Notary.Identity.People;
using Notary.Identity.Stores;

namespace Notary.Identity.Provider;

/// <summary>What the login centre has to say to a person. How it looks is its host's affair; what it takes for an answer is decided here.</summary>
public abstract record LoginPage
{
    /// <summary>Asks for consent (OpenID Connect Core 1.0 §3.1.2.4).</summary>
    /// <param name="Client">Who asks, and what for.</param>
    /// <param name="Returns">Where the answer goes.</param>
    /// <param name="Who">Who is asked.</param>
    /// <param name="Scopes">What is asked for, of <see cref="LoginScopes.Names"/>, and can be given.</param>
    /// <param name="Form">The form that answers.</param>
    public sealed record Consent(ClientView Client, Uri Returns, SignedIn Who, IReadOnlyList<string> Scopes, LoginForm Form) : LoginPage;

    /// <summary>Asks whether to sign out.</summary>
    public sealed record Logout(SignedIn Who, LoginForm Form) : LoginPage;

    /// <summary>He is signed out.</summary>
    public sealed record SignedOut : LoginPage;

    /// <summary>He did not want to sign out.</summary>
    public sealed record StillSignedIn : LoginPage;

    /// <summary>The form was not ours, or its session has ended.</summary>
    public sealed record Expired : LoginPage;

    /// <summary>A request that must not be answered to the address it names.</summary>
    /// <param name="Error">A code of RFC 6749.</param>
    public sealed record Refused(string Error) : LoginPage;
}

/// <summary>A form with two buttons, both named <see cref="Decision"/>.</summary>
/// <param name="Action">Where it is sent by POST.</param>
/// <param name="Fields">What it MUST send back unseen and unchanged.</param>
/// <param name="Leads">Where it leads in the end: browsers hold the redirect after it to form-action too (Content Security Policy 3 §6.4.3). Null when to
/// nowhere else.</param>
public sealed record LoginForm(string Action, IReadOnlyList<KeyValuePair<string, string?>> Fields, Uri? Leads)
{
    /// <summary>The buttons' name.</summary>
    public const string Decision = "decision";

    /// <summary>The value of yes; any other is no.</summary>
    public const string Allow = "allow";

    /// <summary>The value of no.</summary>
    public const string Deny = "deny";
}

/// <summary>Answers a request with a page. MUST encode every text, be neither kept nor framed, and run no script.</summary>
public delegate Task LoginRenderer(HttpContext http, int status, LoginPage page);
