using Microsoft.AspNetCore.Http.Features;
using Notary.Audit;
using Notary.Identity.People;

namespace Notary.Host.Access;

/// <summary>A route whose values or query are secrets, such as a one-time link: the trail names the route alone.</summary>
internal sealed record Confidential;

/// <summary>
/// Records what the staff and the operator's key ask for.
///  1. Whoever is recognised is watched: his answer is held back.
///  2. What is not a GET is recorded before it is begun: an act that cannot be recorded is not done.
///  3. The answer is recorded before its first byte is sent. When that fails the answer is 503, and what was asked for is dropped.
/// </summary>
internal sealed partial class StaffTrail(TrailWriter writer, TimeProvider clock, ILogger<StaffTrail> log)
{
    private sealed record Watch(TrailWho Who, IHttpResponseBodyFeature Plain, HeldBody Held);

    /// <summary>Watches a member of the staff, if one is signed in with the browser that asks. For routes that do not ask who is.</summary>
    public async ValueTask NoticeAsync(HttpContext http)
    {
        if (http.Request.Cookies.Count > 0
            && await http.RequestServices.GetRequiredService<PeopleRoom>().Sessions.FindStaffAsync(http, http.RequestAborted) is { } who)
        {
            Notice(http, who);
        }
    }

    /// <summary>1. Watches a person if he is staff.</summary>
    public void Notice(HttpContext http, SignedIn who)
    {
        if (who.Tenant is null)
            Notice(http, new TrailWho(who.Person, who.Name, who.Role.ToString().ToLowerInvariant(), who.Session));
    }

    /// <inheritdoc cref="Notice(HttpContext, SignedIn)"/>
    public void Notice(HttpContext http, TrailWho who)
    {
        if (http.Features.Get<Watch>() is not null)
            return;

        var plain = http.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        var held = new HeldBody(plain.Stream, () => AnswerAsync(http));
        http.Features.Set(new Watch(who, plain, held));
        http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(held, plain));
    }

    /// <summary>2. Returns when the act is recorded.</summary>
    /// <exception cref="FaultException">StorageUnavailable: it was not, and must not be done.</exception>
    public async ValueTask BeginAsync(HttpContext http)
    {
        if (http.Features.Get<Watch>() is not { } watch || HttpMethods.IsGet(http.Request.Method))
            return;

        try
        {
            await writer.WriteAsync(EventOf(http, watch.Who, null));
        }
        catch (FaultException e)
        {
            // The refusal tells nothing, and storage need not be waited for a second time.
            watch.Held.Shut(e);
            http.Features.Set(watch.Plain);
            throw;
        }
    }

    /// <summary>Forgets what a handler has begun to write, before what is said in its place.</summary>
    public static void Discard(HttpContext http)
    {
        if (http.Features.Get<Watch>() is { Held.IsShut: false } watch)
            http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(watch.Held, watch.Plain));
    }

    /// <summary>3, for what has no body: ends the answer. For all others nothing is left to do but to send their last bytes.</summary>
    /// <exception cref="FaultException">StorageUnavailable: the answer was not recorded, and nothing of it was sent.</exception>
    public static async ValueTask EndAsync(HttpContext http)
    {
        if (http.Features.Get<Watch>() is { } watch && http.Features.Get<IHttpResponseBodyFeature>() is StreamResponseBodyFeature body)
        {
            await body.CompleteAsync();
            http.Features.Set(watch.Plain);
        }
    }

    /// <summary>Records what ended without an answer: the caller has gone, or it broke off.</summary>
    public async ValueTask LeaveAsync(HttpContext http)
    {
        if (http.Features.Get<Watch>() is not { } watch)
            return;

        try
        {
            await watch.Held.OpenAsync();
        }
        catch (FaultException e)
        {
            Log.NotRecorded(log, e.Message);
        }
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var watch = http.Features.Get<Watch>()!;
        try
        {
            await writer.WriteAsync(EventOf(http, watch.Who, http.Response.StatusCode));
        }
        catch (FaultException)
        {
            // What the handler has written into the other body stays there; the refusal goes past it.
            http.Features.Set(watch.Plain);
            throw;
        }
    }

    private TrailEvent EventOf(HttpContext http, TrailWho who, int? status)
    {
        var (note, endpoint) = (http.Features.Get<AuditNote>(), http.GetEndpoint());
        var open = endpoint?.Metadata.GetMetadata<Confidential>() is null && endpoint?.Metadata.GetMetadata<AccessRule>() is not AccessRule.Login;
        return new TrailEvent(
            clock.GetUtcNow(),
            who,
            ProblemMiddleware.MethodOf(http),
            (endpoint as RouteEndpoint)?.RoutePattern.RawText ?? "",
            open ? http.Request.RouteValues.ToDictionary(v => v.Key, v => v.Value?.ToString() ?? "", StringComparer.Ordinal) : [],
            open ? http.Request.Query.ToDictionary(v => v.Key, v => v.Value.ToString(), StringComparer.Ordinal) : [],
            status,
            CorrelationId.Of(http),
            note?.Reason,
            note?.Details ?? new Dictionary<string, string>());
    }

    private static partial class Log
    {
        [LoggerMessage(40, LogLevel.Warning, "an exchange was not recorded, and its answer not given: {Reason}")]
        public static partial void NotRecorded(ILogger log, string reason);
    }
}
