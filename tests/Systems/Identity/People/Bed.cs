using Microsoft.AspNetCore.Http;
using Notary.Identity.People;

namespace Notary.Identity.Tests.People;

/// <summary>The login centre's people on a real storage account, as one instance has them; several may share the account.</summary>
internal sealed class Bed
{
    public static readonly Uri PublicUrl = new("https://notary.example");

    public Bed(StorageAccount storage, TimeProvider? clock = null)
    {
        Storage = storage;
        Clock = clock ?? TimeProvider.System;
        Challenges = new(storage, Clock);
        Members = new(storage);
        Passkeys = new(storage);
        Invitations = new(storage, Clock);
        Sessions = new(storage, PublicUrl, Clock);
        Antiforgery = new(PublicUrl);
        Ceremonies = new(storage, PublicUrl, "示范公证处", (tenant, _) => ValueTask.FromResult<string?>($"tenant {tenant}"),
            Challenges, Invitations, Sessions, Clock, NullLogger<Ceremonies>.Instance);
    }

    public StorageAccount Storage { get; }

    public TimeProvider Clock { get; }

    public Challenges Challenges { get; }

    public Members Members { get; }

    public Passkeys Passkeys { get; }

    public Invitations Invitations { get; }

    public Sessions Sessions { get; }

    public Antiforgery Antiforgery { get; }

    public Ceremonies Ceremonies { get; }

    public static async Task<Bed> StartAsync(CancellationToken cancel, TimeProvider? clock = null)
    {
        var account = Shared.Azurite.ConnectionStringFor(Shared.Azurite.NewAccount());
        var storage = StorageAccount.Open(new StorageOptions { ConnectionString = account }, time: clock);
        await storage.EnsureCreatedAsync(cancel);
        return new Bed(storage, clock);
    }

    /// <summary>An authenticator that belongs to the right origin.</summary>
    public static SoftAuthenticator Authenticator() => new(PublicUrl.GetLeftPart(UriPartial.Authority));

    /// <summary>Invites somebody, who follows the link with a new browser and authenticator.</summary>
    public async Task<(Browser Browser, SoftAuthenticator Authenticator, SignedIn Who)> JoinAsync(
        string tenant, Role role, CancellationToken cancel, string name = "张三")
    {
        var link = await Invitations.InviteAsync(tenant, role, $"{name}@example.com", cancel);
        var (browser, authenticator) = (new Browser(), Authenticator());
        return (browser, authenticator, await AcceptAsync(browser, authenticator, Token(link), cancel, name));
    }

    public async Task<SignedIn> AcceptAsync(
        Browser browser, SoftAuthenticator authenticator, string token, CancellationToken cancel, string? name = "张三")
    {
        var options = await browser.AskAsync(http => Ceremonies.BeginInvitationAsync(http, token, name, cancel));
        return await browser.AskAsync(http => Ceremonies.AcceptAsync(http, token, authenticator.Create(options), cancel));
    }

    public async Task<SignedIn> SignInAsync(Browser browser, SoftAuthenticator authenticator, CancellationToken cancel)
    {
        var options = await browser.AskAsync(http => Ceremonies.BeginSignInAsync(http, cancel));
        return await browser.AskAsync(http => Ceremonies.SignInAsync(http, authenticator.Get(options), cancel));
    }

    public Task<SignedIn?> FindAsync(Browser browser, CancellationToken cancel)
        => browser.AskAsync(async http => await Sessions.FindAsync(http, cancel));

    public static string Token(IssuedInvitation link) => link.Path[Invitations.Route.Length..];
}

/// <summary>A browser: it keeps the cookies that it is given and sends them again.</summary>
internal sealed class Browser
{
    public Dictionary<string, string> Cookies { get; } = new(StringComparer.Ordinal);

    /// <summary>The latest answer's Set-Cookie lines.</summary>
    public IReadOnlyList<string> Set { get; private set; } = [];

    public async Task<T> AskAsync<T>(Func<HttpContext, Task<T>> ask)
    {
        var http = new DefaultHttpContext();
        http.Request.Headers.Cookie = string.Join("; ", Cookies.Select(c => $"{c.Key}={c.Value}"));
        http.Request.Headers.UserAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        try
        {
            return await ask(http);
        }
        finally
        {
            Set = [.. http.Response.Headers.SetCookie.OfType<string>()];
            foreach (var line in Set)
            {
                var at = line.IndexOf('=', StringComparison.Ordinal);
                var (name, value) = (line[..at], line[(at + 1)..line.IndexOf(';', StringComparison.Ordinal)]);
                if (value.Length == 0)
                    Cookies.Remove(name);
                else
                    Cookies[name] = value;
            }
        }
    }

    public string Ask(Func<HttpContext, string> ask) => AskAsync(http => Task.FromResult(ask(http))).Result;

    /// <summary>The same cookies in another browser: what a thief has.</summary>
    public Browser Copy()
    {
        var copy = new Browser();
        foreach (var (name, value) in Cookies)
            copy.Cookies[name] = value;

        return copy;
    }
}
