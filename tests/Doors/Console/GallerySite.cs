using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Hosting;
using Notary.Pages.Explorer;

namespace Notary.Pages.Tests;

/// <summary>A real server on a free port that shows pages of the design system without a platform behind them.</summary>
internal sealed class GallerySite : IAsyncDisposable
{
    private readonly WebApplication app;

    private GallerySite(WebApplication app)
    {
        this.app = app;
        Url = new Uri(app.Urls.Single() + "/");
        Http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = Url };
    }

    public Uri Url { get; }

    /// <summary>A client that keeps no cookies.</summary>
    public HttpClient Http { get; }

    public static async Task<GallerySite> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddConsole(("示范公证处", "Model Notary Office"));
        builder.Services.AddScoped<NavigationManager, NotSetUp>();
        var app = builder.Build();
        app.MapGet("/gallery", () => PageResult.Of<Gallery>());
        app.MapGet("/overview-full", SampleOverview.Page);
        app.MapGet("/chain/consortium", () => PageResult.Of<ConsortiumPage>((nameof(ConsortiumPage.Consortium), SampleConsortium.View)));
        app.MapGet("/chain/proposals/{id}", (long id) => PageResult.Of<OneProposalPage>((nameof(OneProposalPage.One), SampleConsortium.Now(id))));
        app.MapGet("/private", () => PageResult.Of<Gallery>() with
        {
            Private = true,
            Status = 403,
            Policy = new PagePolicy { Scripts = true, Connect = ["'self'"] },
        });
        app.MapGet(Asset.Path + "{file}", (string file, HttpContext http) => Asset.Serve(http, file));
        await app.StartAsync();
        return new GallerySite(app);
    }

    /// <summary>As the Functions worker registers one: asked for the page's address it fails.</summary>
    private sealed class NotSetUp : NavigationManager;

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await app.DisposeAsync();
    }
}
