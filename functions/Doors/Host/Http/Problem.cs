using Microsoft.AspNetCore.WebUtilities;

namespace Notary.Host.Http;

/// <summary>An RFC 9457 problem. <see cref="Type"/> is about:blank: <see cref="Code"/> is what a program branches on.</summary>
/// <param name="Type">Always <c>about:blank</c> (RFC 9457 §4.2.1).</param>
/// <param name="Title">The status's reason phrase.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">The stable code, kebab case (docs/api.md).</param>
/// <param name="Detail">One sentence for a person; not stable.</param>
/// <param name="CorrelationId">The value of X-Correlation-Id in this answer and in our logs.</param>
/// <param name="TraceId">The W3C trace id, 32 hexadecimal digits, when the request is traced.</param>
public sealed record Problem(string Type, string Title, int Status, string Code, string Detail, string CorrelationId, string? TraceId)
{
    internal const string MediaType = "application/problem+json";

    /// <summary>Writes the problem as the answer, or the page that says the same to a person. The response must not have started.</summary>
    /// <param name="http">Is answered.</param>
    /// <param name="fault">Which.</param>
    /// <param name="detail">For a person.</param>
    /// <param name="more">Members that the fault's problems have besides (RFC 9457 §3.2).</param>
    internal static async Task WriteAsync(HttpContext http, Fault fault, string detail, JsonObject? more = null)
    {
        if (ForPeople.DoorFor(http, fault) is { } door)
        {
            http.Response.StatusCode = StatusCodes.Status303SeeOther;
            http.Response.Headers.Location = door;
            http.Response.Headers.CacheControl = "no-store";
            return;
        }

        var status = FaultStatus.Of(fault);
        var problem = new Problem("about:blank", ReasonPhrases.GetReasonPhrase(status), status, fault.Code(), detail,
            Http.CorrelationId.Of(http), Activity.Current?.TraceId.ToString());
        if (fault == Fault.Unauthenticated)
            http.Response.Headers.WWWAuthenticate = "Bearer, DPoP algs=\"ES256\"";

        if (FaultStatus.RetryAfterSeconds(fault) is { } seconds && http.Response.Headers.RetryAfter.Count == 0)
            http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);

        if (ForPeople.Answer(http, fault) is { } page)
        {
            await page.ExecuteAsync(http);
            return;
        }

        http.Response.StatusCode = status;
        http.Response.ContentType = MediaType;
        http.Response.Headers.CacheControl = "no-store";
        var json = JsonSerializer.SerializeToNode(problem, StrictJson.Options)!.AsObject();
        if (http.Features.Get<ViolatedPolicy>() is { } violated && fault == Fault.RateLimited)
            json["violated-policies"] = new JsonArray(violated.Name);

        foreach (var (name, value) in more ?? [])
            json[name] = value?.DeepClone();

        var body = JsonSerializer.SerializeToUtf8Bytes(json, StrictJson.Options);
        http.Response.ContentLength = body.Length;
        await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }
}
