using System.Net.Sockets;

namespace Notary.Host.Http;

/// <summary>The outermost layer: one correlation id, one log line and, whatever happens inside, one well-formed answer.</summary>
/// <remarks>
/// 1. Begin the correlation id; 2. refuse oversized headers; 3. run the route; 4. turn a bare error status or an
/// exception into a problem; 5. log the outcome under the route's pattern, since queries hold file names.
/// </remarks>
internal sealed partial class ProblemMiddleware(RequestDelegate next, StaffTrail trail, ILogger<ProblemMiddleware> log, TimeProvider clock)
{
    private static readonly Func<ILogger, string, IDisposable?> CorrelationScope = LoggerMessage.DefineScope<string>("correlation {CorrelationId}");

    public async Task InvokeAsync(HttpContext http)
    {
        var start = clock.GetTimestamp();
        Refusals.Pause(http, appAtWork: true);

        // 1
        var correlation = CorrelationId.Begin(http);
        using var scope = CorrelationScope(log, correlation);

        // RFC 9110 §9.3.2: what answers GET answers HEAD. Kestrel remembers the method on the wire and drops the body.
        var method = http.Request.Method;
        http.Items[SentMethod] = method;
        if (HttpMethods.IsHead(method))
            http.Request.Method = HttpMethods.Get;

        try
        {
            // 2
            RequestBounds.DemandHeaders(http.Request);

            // 3
            await next(http);

            // 4
            if (http.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null })
                await AnswerBareAsync(http);

            await StaffTrail.EndAsync(http);
        }
        catch (Exception e)
        {
            await RefuseAsync(http, e);
        }
        finally
        {
            // 5
            await trail.LeaveAsync(http);
            Refusals.Pause(http, appAtWork: false);
            Trace(http, method);
            Log.Request(log, method, RouteOf(http), http.Response.StatusCode,
                clock.GetElapsedTime(start).TotalMilliseconds, Caller.Find(http)?.Tenant.Id, SubjectOf(http));
        }
    }

    /// <summary>The fault behind an exception, and the sentence the caller may read.</summary>
    internal static (Fault Fault, string Detail) Explain(Exception exception) => exception switch
    {
        FaultException { Fault: Fault.NotFound } => (Fault.NotFound, NotFoundDetail),
        FaultException e => (e.Fault, FaultStatus.Of(e.Fault) == StatusCodes.Status500InternalServerError ? InternalDetail : e.Message),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => (Fault.TooLarge, "the body is larger than this route takes"),
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } => (Fault.TooSlow, "the body arrived too slowly"),
        BadHttpRequestException e => (FaultStatus.Of(e.StatusCode), "the request is not well-formed HTTP"),

        // Kestrel's way to say that a chunk's size is beyond an Int32.
        IOException { InnerException: OverflowException } => (Fault.Malformed, "the request is not well-formed HTTP"),
        RequestFailedException { Status: 409 or 412 } => (Fault.StorageConflict, "another writer was faster; try again"),
        RequestFailedException or HttpRequestException or SocketException
            or AggregateException { InnerException: RequestFailedException or OperationCanceledException or IOException }
            => (Fault.StorageUnavailable, "storage does not answer; try again"),
        TimeoutException or OperationCanceledException => (Fault.StorageUnavailable, "a dependency took too long; try again"),
        _ => (Fault.Internal, InternalDetail),
    };

    private const string InternalDetail = "something went wrong on our side; quote the correlation id";

    private async Task RefuseAsync(HttpContext http, Exception exception)
    {
        try
        {
            if (!http.Response.HasStarted)
                StaffTrail.Discard(http);

            await AnswerAsync(http, exception);
            await StaffTrail.EndAsync(http);
        }
        catch (FaultException unrecorded) when (!http.Response.HasStarted)
        {
            await AnswerAsync(http, unrecorded);
        }
    }

    private async Task AnswerAsync(HttpContext http, Exception exception)
    {
        if (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to answer; 499 is only for the log line.
            http.Response.StatusCode = http.Response.HasStarted ? http.Response.StatusCode : StatusCodes.Status499ClientClosedRequest;
            return;
        }

        var (fault, detail) = Explain(exception);
        Activity.Current?.SetTag("notary.fault", fault.Code());
        if (FaultStatus.Of(fault) >= 500)
        {
            Activity.Current?.SetStatus(ActivityStatusCode.Error);
            if (FaultStatus.Of(fault) == StatusCodes.Status503ServiceUnavailable)
            {
                // A dependency's outage fails every request alike; a stack trace for each would bury the first.
                Log.Unavailable(log, fault.Code(), exception.GetBaseException().Message);
            }
            else
            {
                Log.Failed(log, exception, fault.Code());
            }
        }
        else
        {
            Log.Refused(log, fault.Code(), detail);
        }

        if (http.Response.HasStarted)
        {
            // A truncated body that ends cleanly would pass for a whole one.
            http.Abort();
            return;
        }

        var kept = http.Response.Headers.Where(h => h.Key is CorrelationId.Header or "RateLimit" or "RateLimit-Policy"
            or "RateLimit-Limit" or "RateLimit-Remaining" or "RateLimit-Reset" or "Retry-After" or "Content-Range").ToArray();
        http.Response.Clear();
        foreach (var (name, value) in kept)
            http.Response.Headers[name] = value;

        await Problem.WriteAsync(http, fault, detail);
    }

    private static Task AnswerBareAsync(HttpContext http)
    {
        var fault = FaultStatus.Of(http.Response.StatusCode);
        return Problem.WriteAsync(http, fault, fault switch
        {
            Fault.NotFound => NotFoundDetail,
            Fault.MethodNotAllowed => "the resource does not have this method; see Allow",
            _ => "the request was refused",
        });
    }

    /// <summary>The method on the wire.</summary>
    internal static string MethodOf(HttpContext http) => http.Items.TryGetValue(SentMethod, out var sent) ? (string)sent! : http.Request.Method;

    private static readonly object SentMethod = new();

    /// <summary>One sentence for every 404: which ids exist is nobody's business.</summary>
    internal const string NotFoundDetail = "there is nothing here";

    // The framework's span has no attributes without an instrumentation package; these are OpenTelemetry's names for them.
    private static void Trace(HttpContext http, string method)
    {
        if (Activity.Current is { IsAllDataRequested: true } span)
        {
            span.DisplayName = $"{method} {RouteOf(http)}";
            span.SetTag("http.request.method", method);
            span.SetTag("http.route", RouteOf(http));
            span.SetTag("http.response.status_code", http.Response.StatusCode);
            span.SetTag("notary.tenant", Caller.Find(http)?.Tenant.Id);
        }
    }

    // What was made or asked for: processes and letters log under the same id, so one search follows a deposit from request to certificate.
    // Not where a browser is sent on to: that may be a query, which holds what a person looks for.
    private static string? SubjectOf(HttpContext http)
        => http.Response.StatusCode is StatusCodes.Status201Created or StatusCodes.Status202Accepted
            && http.Response.Headers.Location is [{ Length: <= MaxSubjectLength } made]
            ? made : http.GetRouteValue("id") is string { Length: <= MaxSubjectLength } id ? id : null;

    private const int MaxSubjectLength = 200;

    private static string RouteOf(HttpContext http) => (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "(none)";

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Method} {Route} {Status} in {Milliseconds:0.0} ms for {Tenant}, {Subject}")]
        public static partial void Request(ILogger log, string method, string route, int status, double milliseconds, string? tenant, string? subject);

        [LoggerMessage(2, LogLevel.Error, "failed: {Code}")]
        public static partial void Failed(ILogger log, Exception exception, string code);

        [LoggerMessage(4, LogLevel.Warning, "unavailable: {Code}: {Cause}")]
        public static partial void Unavailable(ILogger log, string code, string cause);

        [LoggerMessage(3, LogLevel.Debug, "refused: {Code}: {Detail}")]
        public static partial void Refused(ILogger log, string code, string detail);
    }
}
