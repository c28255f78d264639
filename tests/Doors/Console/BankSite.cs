using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Notary.Pages.Tests;

/// <summary>A site on this machine that lets in whoever logs in, and has a file for him. Its fields and its link fill the window: who sees it as
/// a picture need not aim.</summary>
internal sealed class BankSite : IAsyncDisposable
{
    public const string Statement = "Account 1, balance 2.\n";

    private readonly WebApplication app;

    private BankSite(WebApplication app) => this.app = app;

    public Uri Url => new(app.Urls.First());

    /// <summary>What somebody typed as his name, so far.</summary>
    public string Typed { get; private set; } = "";

    public string? User { get; private set; }

    public bool Inside { get; private set; }

    public bool Taken { get; private set; }

    public static async Task<BankSite> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var site = new BankSite(builder.Build());
        // Who mistypes the password, as on a busy machine, keeps his name.
        site.app.MapGet("/", (string? user) => Page("Log in", $"""
            <form method=post action=/><input name=user value="{user}" style="height: 50%" oninput="fetch('/typed?' + this.value)">
            <input name=password type=password style="height: 50%; top: 50%"><button hidden></button></form>
            """));
        site.app.MapGet("/typed", (HttpContext http) => site.Typed = http.Request.QueryString.Value ?? "");
        site.app.MapPost("/", async (HttpContext http) =>
        {
            var form = await http.Request.ReadFormAsync();
            if (form["password"] != "secret")
                return Results.Redirect($"/?user={Uri.EscapeDataString(form["user"].ToString())}");

            site.User = form["user"];
            http.Response.Cookies.Append("in", "yes");
            return Results.Redirect("/account");
        }).DisableAntiforgery();
        site.app.MapGet("/account", (HttpContext http) =>
        {
            if (http.Request.Cookies["in"] != "yes")
                return Results.Redirect("/");

            site.Inside = true;
            return Page("My account", "<a href=/statement.txt download style=\"height: 100%\">statement</a>");
        });
        site.app.MapGet("/statement.txt", (HttpContext http) =>
        {
            site.Taken = http.Request.Cookies["in"] == "yes";
            return site.Taken ? Results.Text(Statement) : Results.NotFound();
        });
        await site.app.StartAsync();
        return site;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private static IResult Page(string title, string body) => Results.Content(
        $"<!doctype html><title>{title}</title><style>input, a {{ position: fixed; left: 0; top: 0; width: 100%; font-size: 3rem }}</style>{body}",
        "text/html");
}
