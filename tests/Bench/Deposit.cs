using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Notary.Bench;

/// <summary>Deposits over HTTP as a depositor makes them; a receipt that says something else is a failure.</summary>
internal static class Deposit
{
    /// <summary>One digest, its letter on request.</summary>
    public static Task<string> DigestAsync(HttpClient tenant) => DigestAsync(tenant, new Digest(RandomNumberGenerator.GetBytes(Digest.Size)), null);

    /// <summary>One digest with its letter at once.</summary>
    /// <returns>The deposit's id.</returns>
    public static Task<string> EagerAsync(HttpClient tenant) => DigestAsync(tenant, new Digest(RandomNumberGenerator.GetBytes(Digest.Size)), null, "eager");

    /// <summary>How far it has come.</summary>
    public static async Task<string> StateAsync(HttpClient tenant, string id)
        => (await tenant.GetFromJsonAsync<JsonElement>(new Uri($"v1/deposits/{id}", UriKind.Relative))).GetProperty("state").GetString()!;

    /// <summary>The same digest under the same key: from the second time on the app does all of its work and the storage keeps nothing new.</summary>
    public static Task AgainAsync(HttpClient tenant) => DigestAsync(tenant, Digest.Of("again"u8), "again");

    private static async Task<string> DigestAsync(HttpClient tenant, Digest digest, string? key, string letter = "onRequest")
    {
        var sha256 = digest.ToString();
        var body = new JsonObject
        {
            ["items"] = new JsonArray(new JsonObject
            {
                ["digests"] = new JsonObject { ["sha-256"] = sha256 },
                ["name"] = "contract.pdf",
                ["size"] = 12345,
                ["mediaType"] = "application/pdf"
            }),
            ["letter"] = letter,
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("v1/deposits", UriKind.Relative))
        { Content = new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json") };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);

        using var answer = await tenant.SendAsync(request);
        return await DemandAsync(answer, sha256);
    }

    /// <summary>One file.</summary>
    /// <returns>The deposit's id.</returns>
    public static async Task<string> FileAsync(HttpClient tenant, Stream content, Digest sha256, string letter = "onRequest")
    {
        using var body = new StreamContent(content, 1024 * 1024);
        using var answer = await tenant.PostAsync(new Uri($"v1/deposits/file?name=contract.pdf&letter={letter}", UriKind.Relative), body);
        return await DemandAsync(answer, sha256.ToString());
    }

    private static async Task<string> DemandAsync(HttpResponseMessage answer, string sha256)
    {
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"the app answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");

        var receipt = await answer.Content.ReadFromJsonAsync<JsonElement>();
        var kept = receipt.GetProperty("manifest").GetProperty("items")[0].GetProperty("digests").GetProperty("sha-256").GetString();
        return kept == sha256 ? receipt.GetProperty("id").GetString()! : throw new InvalidOperationException("the receipt is for another digest");
    }
}
