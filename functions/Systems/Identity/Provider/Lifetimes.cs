namespace Notary.Identity.Provider;

/// <summary>How long what the login centre gives out is good for.</summary>
internal static class Lifetimes
{
    /// <summary>A code is redeemed by a machine at once; what is stolen from a log is spent by then (RFC 6749 §4.1.2 allows ten minutes).</summary>
    public static readonly TimeSpan Code = TimeSpan.FromMinutes(1);

    /// <summary>A pushed request waits while its user signs in and consents (RFC 9126 §2.2: up to ten minutes).</summary>
    public static readonly TimeSpan PushedRequest = TimeSpan.FromMinutes(10);

    /// <summary>Of access and ID tokens. A grant's end is felt earlier, when it is looked at: within seconds.</summary>
    public static readonly TimeSpan Token = TimeSpan.FromMinutes(5);

    /// <summary>A refresh token that nobody uses: a device that was given away is forgotten after two weeks.</summary>
    public static readonly TimeSpan Refresh = TimeSpan.FromDays(14);

    /// <summary>A grant with refresh tokens, however much it is used: then its user is asked again who he is.</summary>
    public static readonly TimeSpan Grant = TimeSpan.FromDays(90);

    /// <summary>A grant without: code and one access token.</summary>
    public static readonly TimeSpan ShortGrant = Code + Token;

    /// <summary>From being sent to sign in again until coming back.</summary>
    public static readonly TimeSpan SignIn = TimeSpan.FromMinutes(15);
}
