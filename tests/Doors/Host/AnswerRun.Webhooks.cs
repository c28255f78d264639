using Azure.Data.Tables;
using Notary.Webhooks;

namespace Notary.Host.Tests;

/// <summary>The answers about webhooks.</summary>
internal sealed partial class AnswerRun
{
    private const string Hooks = "/v1/webhooks/endpoints", Events = "/v1/webhooks/events";
    private static readonly string NoEndpoint = "ep_" + new string('0', 32);
    private static readonly string NoEvent = "evt_" + new string('0', 32);

    private async Task WebhooksAsync(string key)
    {
        const string New = """{"url":"http://127.0.0.1:9/notary","types":["deposit.*"]}""", Test = "{}",
            Time = """{"since":"2026-01-01T00:00:00Z","until":"2026-01-02T00:00:00Z"}""";
        var once = ("Idempotency-Key", "h1");
        var made = await At($"POST {Hooks}", 201, key, New, once);
        await At($"POST {Hooks}", 409, key, """{"url":"http://127.0.0.1:9/other"}""", once);
        (await At($"POST {Hooks}", 422, key, """{"url":"https://169.254.169.254/metadata"}""")).MustBe(422, "endpoint-refused");
        var id = made.Json.GetProperty("endpoint").GetString();
        await At($"GET {Hooks}", 200, key);
        await At($"GET {Hooks}/{id}", 200, key);
        const string As = """{"url":"http://127.0.0.1:9/notary","types":[],"enabled":true}""";
        await At($"PUT {Hooks}/{id}", 200, key, As);
        await At($"PUT {Hooks}/{id}", 400, key, "{");
        await At($"PUT {Hooks}/{id}", 422, key, """{"url":"https://10.0.0.1/","types":[],"enabled":true}""");
        await At($"PUT {Hooks}/{NoEndpoint}", 404, key, As);
        await At($"POST {Hooks}/{id}/rotate", 201, key, Test, ("Idempotency-Key", "h2"));
        await At($"POST {Hooks}/{id}/rotate", 409, key, """{"overlapSeconds":1}""", ("Idempotency-Key", "h2"));
        var test = (await At($"POST {Hooks}/{id}/test", 202, key, Test, once)).Json.GetProperty("id").GetString();
        await At($"POST {Hooks}/{id}/test", 409, key, "{ }", once);
        await At($"POST {Hooks}/{id}/replay", 202, key, Time, once);
        await At($"POST {Hooks}/{id}/replay", 409, key, Time.Replace("-02T", "-03T", StringComparison.Ordinal), once);
        await At($"POST {Hooks}/{NoEndpoint}/replay", 404, key, Time);
        await At($"GET {Hooks}/{id}/attempts", 200, key);
        await At($"GET {Events}", 200, key);
        await At($"GET {Events}/{test}", 200, key);
        await At($"POST {Events}/{test}/replay", 202, key, Test, once);
        await At($"POST {Events}/{test}/replay", 409, key, "{ }", once);
        await At($"DELETE {Hooks}/{id}", 204, key);
    }
}
