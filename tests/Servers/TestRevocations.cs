using System.Numerics;

namespace Notary.Servers;

/// <summary>What an authority says of the certificates it issued: its revocation list (RFC 5280 §5), signed afresh each time it is asked for.</summary>
/// <remarks>Revocations last as long as this object, and in a folder as long as the folder: as the latest list, <c>NAME.crl</c>.</remarks>
public sealed class TestRevocations(X509Certificate2 rootWithKey, string? folder = null, string name = "revocations")
{
    private readonly Lock gate = new();
    private readonly string? file = folder is null ? null : Path.Combine(folder, name + ".crl");
    private CertificateRevocationListBuilder? entries;
    private BigInteger number;

    /// <summary>How long a list says that it is good for.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Sent in place of the list, to make a publisher that errs or deceives.</summary>
    public byte[]? Instead { get; set; }

    /// <summary>No list is given out at all: the publisher is down.</summary>
    public bool Down { get; set; }

    /// <summary>Lists asked for so far.</summary>
    public int Requests => Volatile.Read(ref requests);

    private int requests;

    /// <param name="certificate">Issued by this authority.</param>
    /// <param name="at">When it stopped to be good.</param>
    /// <param name="reason">Null leaves the reason out.</param>
    public void Revoke(X509Certificate2 certificate, DateTimeOffset at, X509RevocationReason? reason = null)
    {
        lock (gate)
        {
            Entries().AddEntry(certificate, at, reason);
            Build(at, at + Lifetime);
        }
    }

    /// <summary>The list (DER) as of now.</summary>
    public byte[] List() => List(TimeProvider.System.GetUtcNow());

    /// <summary>The list (DER) as of another time.</summary>
    public byte[] List(DateTimeOffset thisUpdate)
    {
        lock (gate)
            return Build(thisUpdate, thisUpdate + Lifetime);
    }

    /// <summary>Serves the list at a path.</summary>
    internal void Map(WebApplication app, string path) => app.MapGet(path, () =>
    {
        Interlocked.Increment(ref requests);
        return Down ? Results.StatusCode(StatusCodes.Status503ServiceUnavailable) : Results.Bytes(Instead ?? List(), "application/pkix-crl");
    });

    private CertificateRevocationListBuilder Entries()
    {
        if (entries is null)
            entries = file is not null && File.Exists(file) ? CertificateRevocationListBuilder.Load(File.ReadAllBytes(file), out number) : new();

        return entries;
    }

    private byte[] Build(DateTimeOffset thisUpdate, DateTimeOffset nextUpdate)
    {
        using var rsa = rootWithKey.GetRSAPrivateKey();
        var list = Entries().Build(
            rootWithKey, ++number, nextUpdate, HashAlgorithmName.SHA256, rsa is null ? null : RSASignaturePadding.Pkcs1, thisUpdate);
        if (file is not null)
            File.WriteAllBytes(file, list);

        return list;
    }
}
