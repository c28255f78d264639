using Notary.Identity.Stores;

namespace Notary.Identity.Tests.Provider;

/// <summary>A victim with a browser in which he is signed in, a client that he uses, and another client, the attacker's.</summary>
internal sealed class AttackScene : IDisposable
{
    private static readonly Lazy<Task<LoginBed>> Shared = new(LoginBed.StartAsync);

    private AttackScene(LoginBed bed, RegisteredClient good, RegisteredClient evil)
    {
        (Bed, Victim, Stranger, Good, Evil) = (bed, new Browser(bed), new Browser(bed), new RelyingParty(bed, good), new RelyingParty(bed, evil));
        Victim.SignIn(bed, Guid.NewGuid().ToString("N"));
        Stranger.SignIn(bed, Guid.NewGuid().ToString("N"));
    }

    public LoginBed Bed { get; }

    public Browser Victim { get; }

    /// <summary>Somebody else's browser, signed in as himself.</summary>
    public Browser Stranger { get; }

    public RelyingParty Good { get; }

    public RelyingParty Evil { get; }

    public const string EvilCallback = "https://evil.example/callback";

    /// <summary>On a bed that all scenes share, each with people and clients of its own.</summary>
    public static async Task<AttackScene> SetAsync()
    {
        var bed = await Shared.Value;
        var tenant = "t" + Guid.NewGuid().ToString("N")[..8];
        return new AttackScene(bed, await bed.RegisterAsync(tenant: tenant),
            await bed.RegisterAsync(c => c with { RedirectUris = [EvilCallback], LogoutUris = [] }, tenant + "-evil"));
    }

    /// <summary>The victim opens an authorization request with one thing changed.</summary>
    public Task<Page> AskAsync(params (string Name, string? Value)[] changes) => Victim.GetAsync(RelyingParty.Authorize(Good.Request(changes)));

    /// <summary>The victim opens a pushed request.</summary>
    public Task<Page> OpenAsync(string? requestUri, RelyingParty? asClient = null, params (string Name, string Value)[] more)
        => Victim.GetAsync(RelyingParty.Authorize([new("client_id", (asClient ?? Good).Client.Client.Id), new("request_uri", requestUri!),
            .. more.Select(m => new KeyValuePair<string, string>(m.Name, m.Value))]));

    public void Dispose()
    {
        Victim.Dispose();
        Stranger.Dispose();
        Good.Dispose();
        Evil.Dispose();
    }
}
