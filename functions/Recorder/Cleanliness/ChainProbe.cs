using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Notary.Recorder.Desktop;

namespace Notary.Recorder.Cleanliness;

/// <summary>The certificates of a known https site: those that the desktop's browser is shown, by the desktop's network, against those that this process
/// is shown, by this machine's. Who reads along with a root that the desktop trusts has other ones.</summary>
internal sealed class ChainProbe(LocalDesktop desktop, CleanlinessSettings settings)
{
    private const string Unset = "not configured";

    /// <summary>For each of the two: a site that does not answer leaves the check unknown.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public Probe Check => settings.Site is { } site
        ? new($"certificates of {site.Authority}", "as a second vantage has them, under a pinned root", c => CompareAsync(site, c))
        {
            Accept = found => found.StartsWith("same: ", StringComparison.Ordinal),
        }
        : new("certificates of a known site", Unset, _ => Task.FromResult(Unset));

    // One of several servers may have a certificate of its own; then the authority that issued it is the same.
    private async Task<string> CompareAsync(Uri site, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        try
        {
            var (inside, outside) = (await InsideAsync(site, patience.Token), await OutsideAsync(site, patience.Token));
            var same = Digest.Of(inside[0]) == Digest.Of(outside[0])
                || (inside.Count > 1 && outside.Count > 1 && Digest.Of(inside[1]) == Digest.Of(outside[1]));
            var distrust = Distrust(site, inside);
            return $"{(!same ? "different" : distrust is null ? "same" : $"not trusted ({distrust})")}: {Named(inside)}; elsewhere {Named(outside)}";
        }
        catch (AuthenticationException e)
        {
            throw new IOException(e.Message, e);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new IOException($"no answer within {Patience.TotalSeconds:0} s");
        }
    }

    /// <summary>In a context of its own, of which nothing stays. Errors of certificates are passed over: it is this check that judges them.</summary>
    private async Task<IReadOnlyList<byte[]>> InsideAsync(Uri site, CancellationToken cancel)
    {
        var browser = desktop.Browser;
        var context = (await browser.SendAsync("Target.createBrowserContext", cancel: cancel))["browserContextId"]!.GetValue<string>();
        try
        {
            var target = await browser.SendAsync(
                "Target.createTarget", new JsonObject { ["url"] = "about:blank", ["browserContextId"] = context }, cancel: cancel);
            var attached = await browser.SendAsync("Target.attachToTarget",
                new JsonObject { ["targetId"] = target["targetId"]!.GetValue<string>(), ["flatten"] = true }, cancel: cancel);
            var session = attached["sessionId"]!.GetValue<string>();
            await browser.SendAsync("Network.enable", session: session, cancel: cancel);
            await browser.SendAsync("Security.setIgnoreCertificateErrors", new JsonObject { ["ignore"] = true }, session, cancel);
            var went = await browser.SendAsync("Page.navigate", new JsonObject { ["url"] = site.AbsoluteUri }, session, cancel);
            if (went["errorText"] is { } error)
                throw new IOException($"the browser cannot open it: {error}");

            var origin = new JsonObject { ["origin"] = site.GetLeftPart(UriPartial.Authority) };
            var chain = (await browser.SendAsync("Network.getCertificate", origin, session, cancel))["tableNames"];
            return chain is JsonArray { Count: > 0 } list ? [.. list.Select(c => Convert.FromBase64String(c!.GetValue<string>()))]
                : throw new IOException("the browser was shown no certificate");
        }
        finally
        {
            await browser.SendAsync("Target.disposeBrowserContext", new JsonObject { ["browserContextId"] = context }, cancel: CancellationToken.None);
        }
    }

    /// <summary>Takes whatever it is shown: what that is worth is judged by whoever compares.</summary>
    private async Task<IReadOnlyList<byte[]>> OutsideAsync(Uri site, CancellationToken cancel)
    {
        var shown = new List<byte[]>();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(await settings.Lookup(site.Host, cancel), site.Port, cancel);
        await using var tls = new SslStream(new NetworkStream(socket), leaveInnerStreamOpen: false, (_, certificate, chain, _) =>
        {
            shown.Add(certificate!.GetRawCertData());
            shown.AddRange(chain!.ChainPolicy.ExtraStore.Select(c => c.RawData).Where(c => !c.AsSpan().SequenceEqual(shown[0])));
            return shown.Count > 0;
        });
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = site.Host }, cancel);
        return shown;
    }

    /// <returns>Why not; null when they are the site's, under a pinned root, now.</returns>
    private string? Distrust(Uri site, IReadOnlyList<byte[]> shown)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.ImportFromPem(settings.SiteRoots ?? desktop.Files.Written[FixedFiles.Roots]);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        foreach (var issuer in shown.Skip(1))
            chain.ChainPolicy.ExtraStore.Add(X509CertificateLoader.LoadCertificate(issuer));

        using var certificate = X509CertificateLoader.LoadCertificate(shown[0]);
        return !certificate.MatchesHostname(site.Host) ? "another site's"
            : chain.Build(certificate) ? null : string.Join(' ', chain.ChainStatus.Select(s => s.Status).Distinct());
    }

    private static string Named(IReadOnlyList<byte[]> shown)
    {
        using var certificate = X509CertificateLoader.LoadCertificate(shown[0]);
        return $"sha-256 {Digest.Of(shown[0])} by {certificate.Issuer}";
    }
}
