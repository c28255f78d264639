using System.Net;
using Microsoft.Net.Http.Headers;

namespace Notary.Host.Triggers;

/// <summary>Tells a call by the Functions host (or our own pump) from a stranger's request that was proxied to the same path.</summary>
/// <remarks>
/// An envelope is posted by a plain HTTP client on the same machine: it comes from a loopback address, its Host names the
/// loopback literal, it carries X-Azure-Functions-InvocationId, and nothing else has touched it. A proxied request differs
/// in a way its sender cannot undo: the Functions host adds x-ms-invocation-id, and Azure's front ends add forwarding
/// headers. A stranger is told 404, like on any path that does not exist.
/// </remarks>
internal static class EnvelopeGuard
{
    public const string InvocationHeader = "X-Azure-Functions-InvocationId";

    // Each is added on the way in, whatever the client sent.
    private static readonly string[] MarksOfProxying =
    [
        "x-ms-invocation-id", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Original-URL",
        "X-ARR-SSL", "X-ARR-LOG-ID", "DISGUISED-HOST", "CLIENT-IP", "X-SITE-DEPLOYMENT-ID", HeaderNames.Via, HeaderNames.Origin, HeaderNames.Cookie,
    ];

    public static bool Allows(HttpContext http)
        => http.Connection.RemoteIpAddress is { } from && IPAddress.IsLoopback(from)
            && http.Request.Host is { Host: "127.0.0.1" or "localhost" }
            && Guid.TryParse(http.Request.Headers[InvocationHeader], out _)
            && !MarksOfProxying.Any(http.Request.Headers.ContainsKey);
}
