using System.Net.Http.Headers;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using Notary.Recorder.Desktop;

namespace Notary.Recorder.Cleanliness;

/// <summary>The clock against RFC 3161 authorities: this machine's and the desktop's are one.</summary>
internal sealed class ClockProbes(CleanlinessSettings settings, HttpClient http, TimeProvider clock)
{
    /// <summary>Bytes of an answer: a token with its certificates has some thousand.</summary>
    private const int MaxAnswer = 256 * 1024;

    /// <summary>An answer that took longer than the bound says nothing within it: asked again so often.</summary>
    private const int Attempts = 8;

    private const int NonceBytes = 8;

    private readonly HashSet<string> signers = new(StringComparer.Ordinal);

    public IEnumerable<Probe> All =>
    [
        .. settings.Authorities.Select(authority => new Probe($"clock against {authority.Host}:{authority.Port}{authority.AbsolutePath}",
            $"off by at most {settings.ClockBound.TotalMilliseconds:0} ms", c => OffsetAsync(authority, c))
        {
            Accept = found => TimeSpan.FromMilliseconds(Math.Abs(double.Parse(found.Split(' ')[0], CultureInfo.InvariantCulture))) <= settings.ClockBound,
        }),
        new("time authorities", $"{CleanlinessSettings.LeastAuthorities} or more", _ => Task.FromResult($"{signers.Count}"))
        {
            Accept = found => int.Parse(found, CultureInfo.InvariantCulture) >= CleanlinessSettings.LeastAuthorities,
        },
    ];

    /// <summary>By how many milliseconds the clock is ahead of the authority's, taking its time to be of the middle between question and answer.</summary>
    private async Task<string> OffsetAsync(Uri authority, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var request = Rfc3161TimestampRequest.CreateFromHash(
                RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes), HashAlgorithmName.SHA256, nonce: Nonce(), requestSignerCertificates: true);
            using var content = new ByteArrayContent(request.Encode()) { Headers = { ContentType = new MediaTypeHeaderValue("application/timestamp-query") } };
            var (began, before) = (clock.GetTimestamp(), clock.GetUtcNow());
            using var message = new HttpRequestMessage(HttpMethod.Post, authority) { Content = content };
            using var answer = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancel);
            answer.EnsureSuccessStatusCode();
            var bytes = await ReadAsync(answer.Content, cancel);
            var took = clock.GetElapsedTime(began);
            // Status, nonce and imprint are checked here (RFC 3161 §2.4.2).
            var token = request.ProcessResponse(bytes, out _);
            if (!token.VerifySignatureForHash(request.GetMessageHash().Span, request.HashAlgorithmId, out X509Certificate2? signer))
                throw new CryptographicException("the token's signature does not fit");

            signers.Add(signer.GetCertHashString(HashAlgorithmName.SHA256));
            if (took > settings.ClockBound)
                continue;

            // One that counts in seconds is on average half a second further.
            var genTime = token.TokenInfo.Timestamp + (token.TokenInfo.Timestamp.Millisecond == 0 ? TimeSpan.FromMilliseconds(500) : TimeSpan.Zero);
            return $"{(before + (took / 2) - genTime).TotalMilliseconds:0} ms, answered in {took.TotalMilliseconds:0} ms";
        }

        throw new IOException($"no answer within {settings.ClockBound.TotalMilliseconds:0} ms");
    }

    // Positive, and of the shortest encoding.
    private static byte[] Nonce()
    {
        var nonce = RandomNumberGenerator.GetBytes(NonceBytes);
        nonce[0] = (byte)((nonce[0] & 0x3F) | 0x40);
        return nonce;
    }

    private static async Task<byte[]> ReadAsync(HttpContent content, CancellationToken cancel)
    {
        await content.LoadIntoBufferAsync(MaxAnswer, cancel);
        return await content.ReadAsByteArrayAsync(cancel);
    }
}
