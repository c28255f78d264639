using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Notary.Recorder.Tests;

/// <summary>A site under https, by the name of <see cref="Site.Name"/>, whose certificate an authority of its own has issued.</summary>
internal sealed class SecureSite : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly X509Certificate2 certificate, root;

    private SecureSite(WebApplication app, X509Certificate2 certificate, X509Certificate2 root)
        => (this.app, this.certificate, this.root) = (app, certificate, root);

    public IPEndPoint EndPoint => new(IPAddress.Loopback, new Uri(app.Urls.First()).Port);

    public Uri Url => new($"https://{Site.Name}:{EndPoint.Port}/");

    /// <summary>SHA-256 of its certificate.</summary>
    public string Digest => Convert.ToHexStringLower(SHA256.HashData(certificate.RawData));

    /// <summary>PEM.</summary>
    public string Root => root.ExportCertificatePem();

    public static async Task<SecureSite> StartAsync(string authority)
    {
        var root = TestCertificates.CreateRoot(authority);
        var certificate = Issue(root);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration()
            .ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        var app = builder.Build();
        app.MapGet("/", () => Results.Content("<!doctype html><title>Known</title>", "text/html"));
        await app.StartAsync();
        return new SecureSite(app, certificate, root);
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        certificate.Dispose();
        root.Dispose();
    }

    private static X509Certificate2 Issue(X509Certificate2 root)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Site.Name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Site.Name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        var now = TimeProvider.System.GetUtcNow();
        using var issued = request.Create(root, now.AddHours(-1), now.AddDays(1), RandomNumberGenerator.GetBytes(16));
        return issued.CopyWithPrivateKey(key);
    }
}
