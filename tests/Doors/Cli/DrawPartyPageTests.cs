using System.Numerics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Notary.Browser;
using Notary.Evidence.Ethereum;
using Notary.Lotteries;
using Notary.Pages;
using Notary.Pages.Draws;
using Notary.Pages.Public;

namespace Notary.Cli.Tests;

/// <content>The same in a browser, on the draw's page: by a keystore and a node, and by a wallet. What one of the two has sealed the other tells.</content>
public sealed partial class DrawPartyTests
{
    private const string Password = "口令 <2>";

    /// <summary>A wallet as browsers have them (EIP-1193): here the node itself signs.</summary>
    private const string WalletScript =
        """
        window.ethereum = { request: async ({ method, params }) => {
          if (method === 'eth_requestAccounts' || method === 'eth_accounts') return ['ACCOUNT'];
          const answer = await fetch('NODE', { method: 'POST', headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: params ?? [] }) });
          const { result, error } = await answer.json();
          if (error) throw Object.assign(new Error(error.message), error);
          return result;
        } };
        """;

    [TestMethod]
    public async Task What_the_browser_seals_the_command_tells_and_the_other_way_round()
    {
        var draw = await stage.PublishAsync();
        await using var site = await PartySite.StartAsync(stage, draw);
        await using var browser = await WebBrowser.StartAsync();
        var (own, other) = (await KeystoreAsync("browser.json", Password), await KeystoreAsync("command.json", Password));
        var wallet = new Address(RandomNumberGenerator.GetBytes(Address.Size));
        await stage.Anvil.FundAsync(wallet.ToLowerHex(), BigInteger.Pow(10, 20));
        await File.WriteAllTextAsync(At("password2"), Password + "\n");
        File.SetUnixFileMode(At("password2"), UnixFileMode.UserRead | UnixFileMode.UserWrite);

        // Nothing is sealed that is not in a file.
        await using var visit = await browser.VisitAsync(site.Url, new Look { Chinese = false }, stage.Anvil.Url);
        await visit.GoAsync($"draws/{draw.Draw.Id}/party?node={stage.Anvil.Url}");
        await LooksAsync(visit, "party");
        await ChooseAsync(visit, "browser.json");
        await visit.Page.Locator("#send").ClickAsync();
        Assert.AreEqual("secret", await visit.Page.EvaluateAsync<string>("document.activeElement.id"), "the browser asks for the file");
        await SaveAsync(visit, "browser.secret");
        await File.WriteAllTextAsync(At("empty.secret"), "\n");
        await SendAsync(visit, "empty.secret", "refused", "The file holds no secret");
        await visit.Page.Locator("#password").FillAsync("another");
        await SendAsync(visit, "browser.secret", "refused", "The password is wrong");
        Assert.HasCount(0, await PartiesAsync(draw));
        await visit.Page.Locator("#password").FillAsync(Password);
        await SendAsync(visit, "browser.secret", "done", "Sealed.");
        await visit.Page.SetViewportSizeAsync(360, 800);
        await LooksAsync(visit, "party-sealed-phone");
        await SendAsync(visit, "browser.secret", "refused", "committed already");

        // Two more: by a wallet, and by the command.
        await using var walleted = await browser.VisitAsync(site.Url, new Look { Chinese = false }, stage.Anvil.Url);
        site.Node = stage.Anvil.Url;
        await walleted.Page.AddInitScriptAsync(WalletScript.Replace("ACCOUNT", wallet.ToLowerHex(), StringComparison.Ordinal)
            .Replace("NODE", stage.Anvil.Url.ToString(), StringComparison.Ordinal));
        await walleted.GoAsync($"draws/{draw.Draw.Id}/party");
        await SaveAsync(walleted, "wallet.secret");
        await SendAsync(walleted, "wallet.secret", "done", "Sealed.");
        var commit = await DoAsync("commit", draw, "command.json", "--password", At("password2"));
        Assert.AreEqual(0, commit.Exit, commit.Error);
        CollectionAssert.AreEqual(new[] { own, wallet, other }, (await PartiesAsync(draw)).Select(p => p.Account).ToArray());

        await stage.MineToAsync(draw.CommitDeadline);
        site.State = "revealing";
        File.SetUnixFileMode(At("browser.secret"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var told = await DoAsync("reveal", draw, "browser.json", "--password", At("password2"), "--secret", At("browser.secret"));
        Assert.AreEqual(0, told.Exit, told.Error);
        await visit.GoAsync($"draws/{draw.Draw.Id}/party?node={stage.Anvil.Url}");
        await ChooseAsync(visit, "command.json");
        await visit.Page.Locator("#password").FillAsync(Password);
        await SendAsync(visit, "wallet.secret", "refused", "not the secret that the account has sealed");
        await SendAsync(visit, "command.json.secret", "done", "Told.");
        await LooksAsync(visit, "party-told-phone");
        var seen = await PartiesAsync(draw);
        foreach (var (index, file) in new[] { (0, "browser.secret"), (2, "command.json.secret") })
            Assert.AreEqual((await File.ReadAllTextAsync(At(file))).TrimEnd('\n'), seen[index].Secret?.ToString());

        Assert.IsNull(seen[1].Secret);
    }

    private static async Task ChooseAsync(Visit visit, string key)
    {
        await visit.Page.Locator("#keystore").SetInputFilesAsync(At(key));
        await visit.Page.Locator("#password").FillAsync(Password);
    }

    private static async Task SaveAsync(Visit visit, string name)
        => await (await visit.Page.RunAndWaitForDownloadAsync(() => visit.Page.Locator("#make").ClickAsync())).SaveAsAsync(At(name));

    private static async Task SendAsync(Visit visit, string secret, string outcome, string says)
    {
        await visit.Page.Locator("#secret").SetInputFilesAsync(At(secret));
        await visit.Page.EvaluateAsync("delete document.getElementById('result').dataset.outcome");
        await visit.Page.Locator("#send").ClickAsync();
        await Assertions.Expect(visit.Page.Locator("#result[data-outcome]")).ToContainTextAsync(says, new() { Timeout = 60_000 });
        Assert.AreEqual(outcome, await visit.Page.Locator("#result").GetAttributeAsync("data-outcome"));
    }

    private static async Task LooksAsync(Visit visit, string picture)
    {
        await visit.PictureAsync(picture);
        Assert.AreEqual("", string.Join('\n', await visit.JudgeAsync()), picture);
    }

    private static async Task<IReadOnlyList<RegisteredParty>> PartiesAsync(StagedDraw draw)
    {
        using var http = new HttpClient();
        return (await Verification.Ethereum.DrawOnline.ReadAsync(
            draw.Draw.ChainId, stage.Registry, draw.Draw.Id, 1, stage.Anvil.Url, http)).Draw!.Parties;
    }

    /// <summary>A server that shows the page of a draw that is on the stage's chain.</summary>
    private sealed class PartySite(WebApplication app, DrawView view) : IAsyncDisposable
    {
        public Uri Url => new(app.Urls.Single() + "/");

        public string State { get; set; } = "committed";

        /// <summary>Whom the page may speak to though nobody has named it: a wallet is no part of the page, and this one is.</summary>
        public Uri? Node { get; set; }

        public static async Task<PartySite> StartAsync(DrawStage stage, StagedDraw draw)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Services.AddConsole(("示范公证处", "Model Notary Office"));
            using var beacon = JsonDocument.Parse("{}");
            var (id, terms) = (draw.Draw.Id.ToString(), draw.Plan.Terms);
            var site = new PartySite(builder.Build(), new DrawView(id, "draw", terms.Title, "示范市住房保障中心", "committed", terms.Schedule.CommitsUntil, 1,
                terms.Rules, null, terms.Schedule, "drand", [], null,
                new CommitmentView(draw.Draw.Commitment().ToString(), draw.Draw.ChainId, stage.Registry.ToLowerHex(),
                    draw.CommitDeadline, draw.Draw.RevealDeadline, beacon.RootElement.Clone(), null), null, [], null, [], new ObjectionCount(0, 0),
                new DrawDepositsView(null, null), null, []));
            site.Map();
            await site.Start();
            return site;
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();

        private Task Start() => app.StartAsync();

        private void Map()
        {
            app.MapGet(Asset.Path + "{file}", (string file, HttpContext http) => Asset.Serve(http, file));
            app.MapGet("/draws/{id}/party", (string? node) =>
            {
                Uri? named = null;
                Assert.IsTrue(node is null || VerifyPage.TryNode(node, out named));
                return PageResult.Of<PartyPage>((nameof(PartyPage.Draw), view with { State = State }), (nameof(PartyPage.Node), named)) with
                { Policy = PartyPage.PolicyFor(named ?? Node) };
            });
        }
    }
}
