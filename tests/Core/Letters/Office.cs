using System.Net.Http.Headers;
using System.Security.Cryptography.Pkcs;

namespace Notary.Letters.Tests;

/// <summary>An office that signs letters: a root, a signer's key, and a time-stamp authority on a port of its own.</summary>
internal sealed class Office : IAsyncDisposable
{
    private readonly HttpClient http = new();

    private Office(TimestampAuthority authority)
    {
        Authority = authority;
        Root = TestCertificates.CreateRoot("Letter root");
        Revocations = new TestRevocations(Root);
        Certificate = TestCertificates.IssueLetterSigner(Root, Key.ExportSubjectPublicKeyInfo(), "Letter signer");
        Verifier = new LetterVerifier([Root], [Trusted]);
    }

    public ECDsa Key { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public X509Certificate2 Root { get; }

    public X509Certificate2 Certificate { get; }

    public TimestampAuthority Authority { get; }

    /// <summary>Of the root.</summary>
    public TestRevocations Revocations { get; }

    public LetterVerifier Verifier { get; }

    public TrustedAuthority Trusted => new(Authority.Name, [Authority.Root], Authority.PolicyOid);

    public static async Task<Office> OpenAsync(TestKey time = TestKey.P256)
        => new(await TimestampAuthority.StartAsync(new TimestampAuthorityOptions { Key = time }));

    public Task<byte[]> SignAsync(byte[] unsigned, X509Certificate2[]? chain = null)
        => new LetterSigner(chain ?? [Certificate], SignDigestAsync, StampAsync).SignAsync(unsigned);

    public Task<byte[]> SignDigestAsync(ReadOnlyMemory<byte> digest, CancellationToken cancel = default)
        => Task.FromResult(Key.SignHash(digest.Span));

    /// <summary>Asks the authority over HTTP, with the platform's own RFC 3161 client.</summary>
    public async Task<byte[]> StampAsync(Digest imprint, CancellationToken cancel = default)
    {
        var request = Rfc3161TimestampRequest.CreateFromHash(imprint.ToArray(), HashAlgorithmName.SHA256, requestSignerCertificates: true);
        using var content = new ByteArrayContent(request.Encode());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/timestamp-query");
        using var answer = await http.PostAsync(Authority.Url, content, cancel);
        return request.ProcessResponse(await answer.Content.ReadAsByteArrayAsync(cancel), out _).AsSignedCms().Encode();
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        Key.Dispose();
        await Authority.DisposeAsync();
    }
}
