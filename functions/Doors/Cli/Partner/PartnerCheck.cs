namespace Notary.Cli;

/// <summary>How a receiver answered one delivery.</summary>
/// <param name="Check">Its short name.</param>
/// <param name="What">What was sent.</param>
/// <param name="Taken">Whether it should be taken.</param>
/// <param name="Status">What it answered; null for nothing.</param>
/// <param name="Why">What follows when it is wrong.</param>
internal sealed record PartnerFinding(string Check, string What, bool Taken, int? Status, string Why)
{
    public bool Right => Status is >= 200 and < 300 == Taken && Status is not null;
}

/// <summary>Deliveries as the platform makes them, and as an impostor would: signed here, by the standard's text and none of the platform's code.</summary>
internal sealed class PartnerCheck(Uri url, byte[] secret, TimeProvider clock)
{
    /// <summary>As the platform: an answer that takes longer is none.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Beyond the five minutes that the standard's libraries allow.</summary>
    private static readonly TimeSpan Stale = TimeSpan.FromMinutes(10);

    /// <summary>A delivery to send.</summary>
    private sealed record Sample(string Id, long Time, byte[] Body, string? Signature);

    public async Task<IReadOnlyList<PartnerFinding>> RunAsync(CancellationToken cancel)
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = Patience };
        var found = new List<PartnerFinding>();
        var good = Good();
        await CheckAsync("good", "a delivery like the platform's", true, good, "it must answer 2xx");
        await CheckAsync("repeated", "the same once more", true, good, "deliveries come at least once: a repetition is answered 2xx, and not worked on twice");
        var unknown = Signed("deposit.future");
        await CheckAsync("unknown-type", "a type that is not known yet", true, unknown, "types are added: what is not known is answered 2xx and left alone");

        var other = RandomNumberGenerator.GetBytes(32);
        await CheckAsync("wrong-secret", "signed with another secret", false, Signed(by: other), "anybody could write to it");
        var unsigned = Good() with { Signature = null };
        await CheckAsync("unsigned", "without a signature", false, unsigned, "anybody could write to it");
        var bytes = Good();
        await CheckAsync("changed-body", "another body than was signed", false, bytes with { Body = [.. bytes.Body, (byte)' '] },
            "it does not check the exact bytes: it parses before it verifies, or does not verify");
        var named = Good();
        await CheckAsync("changed-id", "another id than was signed", false, named with { Id = NewId() }, "its memory of ids can be got round");
        await CheckAsync("stale", "ten minutes old, and well signed", false, Signed(ahead: -Stale),
            "whoever has seen a delivery can send it again for ever");
        await CheckAsync("from-the-future", "ten minutes ahead, and well signed", false, Signed(ahead: Stale),
            "a delivery can be kept for later");
        await CheckAsync("version", "a right signature under an unknown version", false, Versioned(Good()), "it takes signatures that it does not know");

        foreach (var (name, place, what) in new[] { ("rotated-first", 0, "its secret's signature first of two"),
            ("rotated-last", 1, "its secret's signature last of two"),
            ("rotated-middle", 2, "its secret's signature between two others") })
        {
            await CheckAsync(name, what, true, Rotated(place, other),
                "it does not look at every signature, and will miss deliveries while a secret is rotated");
        }

        return found;

        async Task CheckAsync(string name, string what, bool taken, Sample sample, string why)
            => found.Add(new PartnerFinding(name, what, taken, await SendAsync(http, sample, cancel), why));
    }

    private Sample Good() => Signed();

    private Sample Signed(string type = "deposit.logged", TimeSpan ahead = default, byte[]? by = null)
    {
        var (id, time) = (NewId(), (clock.GetUtcNow() + ahead).ToUnixTimeSeconds());
        var body = Body(id, type);
        return new Sample(id, time, body, Signature(by ?? secret, id, time, body));
    }

    private static Sample Versioned(Sample sample) => sample with { Signature = "v0" + sample.Signature![2..] };

    private Sample Rotated(int place, byte[] other)
    {
        var sample = Good();
        var strange = Signature(other, sample.Id, sample.Time, sample.Body);
        return sample with
        {
            Signature = place switch { 0 => $"{sample.Signature} {strange}", 1 => $"{strange} {sample.Signature}",
                _ => $"{strange} {sample.Signature} {strange}" },
        };
    }

    private static string Signature(byte[] key, string id, long time, byte[] body)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{time}.")), .. body];
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, signed));
    }

    private static string NewId() => "evt_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    private byte[] Body(string id, string type) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["specversion"] = "1.0",
        ["id"] = id,
        ["source"] = "https://notary.example/partner-check",
        ["type"] = type,
        ["subject"] = Guid.Empty.ToString(),
        ["time"] = clock.GetUtcNow().UtcDateTime,
        ["datacontenttype"] = "application/json",
        ["data"] = new JsonObject { ["id"] = Guid.Empty.ToString(), ["state"] = "Logged", ["index"] = 0 },
    });

    private async Task<int?> SendAsync(HttpClient http, Sample sample, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(sample.Body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/cloudevents+json") { CharSet = "utf-8" };
        request.Headers.Add("webhook-id", sample.Id);
        request.Headers.Add("webhook-timestamp", sample.Time.ToString(CultureInfo.InvariantCulture));
        if (sample.Signature is { } signature)
            request.Headers.Add("webhook-signature", signature);

        try
        {
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            return (int)answer.StatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return null;
        }
    }
}
