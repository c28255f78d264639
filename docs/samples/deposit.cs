#:property PublishAot=false
// Deposits a file, waits for its letter, and keeps the evidence:
//   URL=https://notary.example KEY=ntk_… dotnet run deposit.cs contract.pdf      (.NET 10, no package)
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;

var file = args[0];
var bytes = await File.ReadAllBytesAsync(file);
var sha256 = SHA256.HashData(bytes);
using var http = new HttpClient { BaseAddress = new Uri(Environment.GetEnvironmentVariable("URL")!) };
http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Environment.GetEnvironmentVariable("KEY"));

// The same Idempotency-Key and bytes give the same deposit, so what is not answered may be sent again.
var receipt = await AskAsync(() => new HttpRequestMessage(HttpMethod.Post, $"v1/deposits/file?name={Uri.EscapeDataString(Path.GetFileName(file))}")
{
    Headers = { { "Idempotency-Key", $"file-{Convert.ToHexStringLower(sha256)}" } },
    Content = new ByteArrayContent(bytes)
    {
        Headers =
        {
            { "Content-Type", "application/octet-stream" },
            { "Content-Digest", $"sha-256=:{Convert.ToBase64String(sha256)}:" },
        },
    },
});
await File.WriteAllBytesAsync($"{file}.receipt.json", receipt);
var id = JsonDocument.Parse(receipt).RootElement.GetProperty("id").GetString();

// The letter is there when everything else is: time stamps, the anchor on the chain, the signature.
foreach (var (what, name) in new[] { ("letter", "letter.pdf"), ("bundle", "evidence.zip") })
    await File.WriteAllBytesAsync($"{file}.{name}", await AskAsync(() => new HttpRequestMessage(HttpMethod.Get, $"v1/deposits/{id}/{what}")));

Console.WriteLine(id);

// Asks until there is an answer: too fast (429), not there yet (409 with Retry-After), or a dependency that is away (503).
async Task<byte[]> AskAsync(Func<HttpRequestMessage> ask)
{
    for (var left = 300; ; left--)
    {
        using var request = ask();
        using var answer = await SendAsync(request);
        var content = await answer.Content.ReadAsByteArrayAsync();
        if (answer.IsSuccessStatusCode)
            return content;

        var wait = answer.Headers.RetryAfter?.Delta ?? (answer.StatusCode == HttpStatusCode.ServiceUnavailable ? TimeSpan.FromSeconds(5) : null);
        if (wait is null || left == 0)
            throw new InvalidOperationException($"{request.RequestUri}: {(int)answer.StatusCode} {System.Text.Encoding.UTF8.GetString(content)}");

        await Task.Delay(wait.Value);
    }
}

async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
{
    try
    {
        return await http.SendAsync(request);
    }
    catch (HttpRequestException e)
    {
        return new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) { Content = new StringContent(e.Message) };
    }
}
