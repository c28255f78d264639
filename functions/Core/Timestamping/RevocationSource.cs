using System.Collections.Concurrent;
using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Notary.Verification;

namespace Notary.Timestamping;

/// <summary>Fetches the revocation lists that certificates name (RFC 5280 §4.2.1.13), verifies them and remembers them for the process.</summary>
/// <remarks>
/// Only addresses in certificates whose chain ends in configured roots are ever asked. A list is fetched again after <see cref="Fresh"/>, so that a
/// revocation is seen soon; while its publisher is down the last one serves until it says itself that it is too old. Safe on several threads.
/// </remarks>
/// <param name="http">Best made by <see cref="TsaClient.CreateHttpClient"/>: no redirects.</param>
public sealed class RevocationSource(HttpClient http, TimeProvider clock) : IDisposable
{
    /// <summary>How long a list is used without asking for a newer one.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromMinutes(10);

    /// <summary>How long a publisher that failed is left alone: every waiting letter would else wait for it in turn.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>For one list, all of it.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>How far a publisher's clock may be ahead.</summary>
    private static readonly TimeSpan MaxSkew = TimeSpan.FromSeconds(60);

    private const string DistributionPoints = "2.5.29.31";

    // By issuer: few, since all of them are under configured roots.
    private readonly ConcurrentDictionary<Digest, Kept> kept = new();

    // By certificate: likewise.
    private readonly ConcurrentDictionary<Digest, IReadOnlyList<Uri>> named = new();
    private readonly SemaphoreSlim gate = new(1, 1);

    private sealed record Kept(byte[]? Der, RevocationList? List, DateTimeOffset Tried, string Why);

    /// <summary>The lists of all issuers in these chains; those whose certificates name none are left out.</summary>
    /// <exception cref="FaultException"><see cref="Fault.RevocationUnavailable"/>: a publisher gives no list that holds.
    /// <see cref="Fault.CertificateRevoked"/>: a certificate of <paramref name="signing"/> is not good any more.</exception>
    /// <param name="signing">Chains of what signs now.</param>
    /// <param name="others">Chains of what signed before.</param>
    public async Task<IReadOnlyList<ReadOnlyMemory<byte>>> CollectAsync(
        IReadOnlyList<ChainLink> signing, IReadOnlyList<ChainLink> others, CancellationToken cancel)
    {
        var lists = new List<ReadOnlyMemory<byte>>();

        // A certificate from before an authority moved names where it was: the newest is asked first, and one list speaks for all of an issuer's.
        foreach (var issued in others.Concat(signing).Reverse().GroupBy(link => link.IssuerDigest))
        {
            var addresses = issued.SelectMany(link => named.GetOrAdd(link.CertificateDigest, _ => Addresses(link.Certificate))).Distinct().ToList();
            if (addresses.Count == 0)
                continue;

            var (der, list) = await ListAsync(issued.Key, issued.First().Issuer, addresses, cancel).ConfigureAwait(false);
            lists.Add(der);
            foreach (var link in issued.Where(signing.Contains))
            {
                if (list.Find(link.Serial.Span) is { } revoked && revoked.Since <= clock.GetUtcNow())
                    throw new FaultException(Fault.CertificateRevoked,
                            $"the certificate of {Subject(link.Certificate)} was revoked on {revoked.Since:yyyy-MM-dd}");
            }
        }

        return lists;
    }

    public void Dispose() => gate.Dispose();

    private async Task<(byte[] Der, RevocationList List)> ListAsync(
        Digest id, ReadOnlyMemory<byte> issuer, IReadOnlyList<Uri> addresses, CancellationToken cancel)
    {
        await gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            var now = clock.GetUtcNow();
            var last = kept.GetValueOrDefault(id);
            var good = last?.List?.NextUpdate > now;
            if (last is null || now - last.Tried >= (good ? Fresh : Pause))
                kept[id] = last = await FetchAsync(issuer, addresses, last, now, cancel).ConfigureAwait(false);

            return last is { Der: { } der, List: { } list } && list.NextUpdate > now
                ? (der, list)
                : throw new FaultException(Fault.RevocationUnavailable, $"no revocation list of {Subject(issuer)} can be had: {last.Why}");
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task<Kept> FetchAsync(ReadOnlyMemory<byte> issuer, IReadOnlyList<Uri> addresses, Kept? last, DateTimeOffset now, CancellationToken cancel)
    {
        var why = "";
        foreach (var address in addresses)
        {
            var (der, failure) = await ReadAsync(address, cancel).ConfigureAwait(false);
            why = failure;
            if (der is null || RevocationList.Read(der, issuer, out why) is not { } list)
                continue;

            if (list.ThisUpdate <= now + MaxSkew && list.NextUpdate > now && !(list.ThisUpdate < last?.List?.ThisUpdate))
                return new Kept(der, list, now, "");

            why = "the list is not of now, or older than one seen before";
        }

        return new Kept(last?.Der, last?.List, now, why);
    }

    private async Task<(byte[]? Der, string Why)> ReadAsync(Uri address, CancellationToken cancel)
    {
        using var deadline = new CancellationTokenSource(Timeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, deadline.Token);
        try
        {
            using var response = await http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, both.Token).ConfigureAwait(false);
            if (response.StatusCode != HttpStatusCode.OK)
                return (null, $"HTTP status {(int)response.StatusCode}");

            // Up to the bound and one byte more, whatever length is announced.
            using var body = await response.Content.ReadAsStreamAsync(both.Token).ConfigureAwait(false);
            using var read = new MemoryStream();
            var buffer = new byte[16 * 1024];
            while (await body.ReadAsync(buffer, both.Token).ConfigureAwait(false) is > 0 and var count)
            {
                read.Write(buffer, 0, count);
                if (read.Length > RevocationList.MaxBytes)
                    return (null, $"it is longer than {RevocationList.MaxBytes} bytes");
            }

            return (read.ToArray(), "");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return (null, $"no complete answer within {Timeout.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return (null, e is HttpRequestException { HttpRequestError: var error } ? $"the exchange failed: {error}" : "the connection broke");
        }
    }

    /// <summary>The http and https addresses of whole lists by the issuer itself; a point with reasons or another issuer has a part.</summary>
    private static List<Uri> Addresses(ReadOnlyMemory<byte> certificate)
    {
        Asn1Tag point = new(TagClass.ContextSpecific, 0, isConstructed: true), address = new(TagClass.ContextSpecific, 6);
        var found = new List<Uri>();
        using var loaded = X509CertificateLoader.LoadCertificate(certificate.Span);
        try
        {
            foreach (var extension in loaded.Extensions.Where(e => e.Oid?.Value == DistributionPoints))
            {
                for (var points = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence(); points.HasData;)
                {
                    var one = points.ReadSequence();
                    if (!one.HasData || one.PeekTag() != point)
                        continue;

                    var names = one.ReadSequence(point);
                    if (one.HasData || names.PeekTag() != point)
                        continue;

                    for (names = names.ReadSequence(point); names.HasData;)
                    {
                        if (names.PeekTag() != address)
                            names.ReadEncodedValue();
                        else if (Uri.TryCreate(names.ReadCharacterString(UniversalTagNumber.IA5String, address), UriKind.Absolute, out var uri)
                            && uri.Scheme is "http" or "https")
                            found.Add(uri);
                    }
                }
            }
        }
        catch (AsnContentException)
        {
            // An authority that cannot write its own extension names no list.
        }

        return found;
    }

    private static string Subject(ReadOnlyMemory<byte> certificate)
    {
        using var loaded = X509CertificateLoader.LoadCertificate(certificate.Span);
        return loaded.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
    }
}
