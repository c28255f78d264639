using Microsoft.Playwright;
using Notary.Browser;

namespace Notary.Bench;

/// <summary>What a page weighs when nothing of it is known yet, and how far what one reads moves while it comes.</summary>
internal static class PageBench
{
    private const double MostKiB = 100;

    /// <summary>Every page without account, by its kind, and a tenant's two that are opened first.</summary>
    private static readonly (string Path, bool SignedIn)[] Pages =
    [
        ("/", false), ("/verify", false), ($"/verify/{new string('0', 64)}?index=0", false), ($"/verify/{new string('0', 64)}", false),
        ("/verify/nothing", false), ("/sign-in", false), ("/nothing", false), ("/deposits", true), ("/deposits/new", true),
    ];

    private static readonly Look[] Looks = [new(), new() { Width = 360, Height = 740, Chinese = false }];

    public static async Task<IReadOnlyList<Figure>> RunAsync(ConsoleSite site)
    {
        var (heaviest, heaviestPath, moved, movedPath) = (0.0, "", 0.0, "");
        foreach (var (path, signedIn) in Pages)
        {
            foreach (var look in Looks)
            {
                await using var visit = await site.Browser.VisitAsync(site.Url, look, site.Platform.Azurite.BlobEndpoint);
                if (signedIn)
                    await visit.Page.Context.AddCookiesAsync(site.Cookies);

                var bytes = 0.0;
                var debugger = await visit.Page.Context.NewCDPSessionAsync(visit.Page);
                await debugger.SendAsync("Network.enable");
                debugger.Event("Network.loadingFinished").OnEvent += (_, e) => bytes += e!.Value.GetProperty("encodedDataLength").GetDouble();
                await visit.GoAsync(path);
                var (kiB, shift) = (bytes / 1024, await visit.ShiftAsync());
                if (kiB > heaviest)
                    (heaviest, heaviestPath) = (kiB, path);

                if (shift > moved)
                    (moved, movedPath) = (shift, path);

                await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"pages: {path} {look}: {kiB:0.0} KiB, shift {shift:0.000}"));
            }
        }

        return
        [
            new Ceiling("page, first visit", heaviest, "KiB", MostKiB,
                $"transferred with everything it asks for by itself; the heaviest of {Pages.Length} pages is {heaviestPath}"),
            new Ceiling("layout shift", moved, "", 0, $"the largest of {Pages.Length} pages on a phone and a desk{(moved > 0 ? ": " + movedPath : "")}"),
        ];
    }
}
