using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notary.Evidence;

namespace Notary.Bench;

/// <summary>Deposits over HTTP as a depositor makes them; a receipt that says something else is a failure.</summary>
internal static class Deposit
{
    /// <summary>One digest, its letter on request.</summary>
    public static async Task DigestAsync(HttpClient tenant)
    {
        var sha256 = new Digest(RandomNumberGenerator.GetBytes(Digest.Size)).ToString();
        var body = new JsonObject
        {
            ["items"] = new JsonArray(new JsonObject { ["digests"] = new JsonObject { ["sha-256"] = sha256 }, ["name"] = "contract.pdf", ["size"] = 12345, ["mediaType"] = "application/pdf" }),
            ["letter"] = "onRequest",
        };
        using var answer = await tenant.PostAsync(new Uri("v1/deposits", UriKind.Relative), new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json"));
        await DemandAsync(answer, sha256);
    }

    /// <summary>One file, its letter on request.</summary>
    /// <returns>The deposit's id.</returns>
    public static async Task<string> FileAsync(HttpClient tenant, Stream content, Digest sha256)
    {
        using var body = new StreamContent(content, 1024 * 1024);
        using var answer = await tenant.PostAsync(new Uri("v1/deposits/file?name=contract.pdf&letter=onRequest", UriKind.Relative), body);
        return await DemandAsync(answer, sha256.ToString());
    }

    private static async Task<string> DemandAsync(HttpResponseMessage answer, string sha256)
    {
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"the app answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        }

        var receipt = await answer.Content.ReadFromJsonAsync<JsonElement>();
        var kept = receipt.GetProperty("manifest").GetProperty("items")[0].GetProperty("digests").GetProperty("sha-256").GetString();
        return kept == sha256 ? receipt.GetProperty("id").GetString()! : throw new InvalidOperationException("the receipt is for another digest");
    }
}
