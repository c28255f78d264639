using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;
using Notary.Evidence;
using Notary.Host.Access;
using Notary.Host.Http;
using Notary.Processes;

namespace Notary.Host.Api;

/// <summary>One page of processes; <paramref name="Continuation"/> is null on the last.</summary>
public sealed record ProcessList(IReadOnlyList<ProcessStatus> Items, string? Continuation);

/// <summary>The durable processes, for the operator, in the shapes of Durable Functions' HTTP API.</summary>
internal static class ProcessRoutes
{
    private const int MaxReasonLength = 500;
    private const int MaxEventNameLength = 128;
    private const int RetrySeconds = 2;

    // Payloads of all waiting events share 60 KiB (Processes).
    private const int MaxEventBytes = 32 * 1024;

    // Users of Durable Functions expect every member, also the null ones.
    private static readonly JsonSerializerOptions Shape = new(StrictJson.Options) { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.Never };

    private static readonly Parameter Reason = new("reason", "query", $"for the history, at most {MaxReasonLength} characters");

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/processes").WithTags("Processes");
        group.MapGet("", ListAsync).ForOperator()
            .Takes(new("kind", "query", "checkpoint, anchor or certificate"), new("runtimeStatus", "query", "Pending, Running, Completed, Failed, Terminated or Suspended"),
                new("parked", "query", "true: failed only because its attempts ran out"), new("limit", "query", "1-100, default 50"), new("continuation", "query", "the value of the page before"))
            .Gives<ProcessList>(200).Refuses(Fault.Malformed);
        group.MapGet("/{kind}/{id}", GetAsync).ForOperator()
            .Takes(new("showHistory", "query", "true for historyEvents"), new("showInput", "query", "false to leave the input out"))
            .Gives<ProcessStatus>(200).Gives<ProcessStatus>(202).Refuses(Fault.Malformed, Fault.NotFound);
        Act(group, "/{kind}/{id}/raiseEvent/{name}", RaiseEventAsync).WithMetadata(new Body(typeof(JsonNode), MediaTypes.Json, "the event's payload, any JSON"))
            .Refuses(Fault.Gone, Fault.UnsupportedMediaType, Fault.TooLarge);
        Act(group, "/{kind}/{id}/terminate", TerminateAsync).Takes(Reason).Refuses(Fault.Gone);
        Act(group, "/{kind}/{id}/suspend", SuspendAsync).Takes(Reason).Refuses(Fault.Gone);
        Act(group, "/{kind}/{id}/resume", ResumeAsync).Takes(Reason).Refuses(Fault.Gone);
        Act(group, "/{kind}/{id}/rewind", RewindAsync).Takes(Reason);
    }

    private static RouteHandlerBuilder Act(RouteGroupBuilder group, string path, Delegate handler)
        => group.MapPost(path, handler).ForOperator().Takes(IdempotencyKey.Description).Gives(202).Refuses(Fault.Malformed, Fault.NotFound, Fault.IdempotencyConflict);

    private static async Task<JsonHttpResult<ProcessList>> ListAsync(HttpContext http, ProcessStore processes, CancellationToken cancel)
    {
        var query = new QueryReader(http, "kind", "runtimeStatus", "parked", "limit", "continuation");
        RuntimeStatus? status = query.Find("runtimeStatus") is not { } text ? null
            : Enum.GetValues<RuntimeStatus>().Cast<RuntimeStatus?>().FirstOrDefault(s => s.ToString() == text) ?? throw new FaultException(Fault.Malformed, "runtimeStatus is none of the six");
        var wanted = new ProcessQuery(query.Find("kind") is { } kind ? Kind(kind) : null, status, query.Find("parked") is null ? null : query.Flag("parked"));
        var page = await processes.ListAsync(wanted, query.Number("limit", absent: 50, min: 1, max: 100), Continuation.Read(query.Find("continuation")), cancel);
        return TypedResults.Json(new ProcessList([.. page.Processes.Select(p => p.ToStatus(showInput: false))], Continuation.Write(page.Continuation)), Shape);
    }

    private static async Task<JsonHttpResult<ProcessStatus>> GetAsync(string kind, string id, HttpContext http, ProcessStore processes, CancellationToken cancel)
    {
        var query = new QueryReader(http, "showHistory", "showInput");
        var (history, input) = (query.Flag("showHistory"), query.Find("showInput") is null || query.Flag("showInput"));
        var process = await processes.GetAsync(Kind(kind), Name(id), cancel) ?? throw DepositRoutes.NotFound();
        if (process.IsActive || process.Status == RuntimeStatus.Suspended)
        {
            Active(http, process);
        }

        return TypedResults.Json(process.ToStatus(input, history), Shape, statusCode: process.IsActive || process.Status == RuntimeStatus.Suspended ? 202 : 200);
    }

    private static async Task<StatusCodeHttpResult> RaiseEventAsync(string kind, string id, string name, HttpContext http, ProcessStore processes, CancellationToken cancel)
    {
        if (name.Length > MaxEventNameLength || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            throw new FaultException(Fault.Malformed, $"an event's name has 1 to {MaxEventNameLength} letters, digits and - _ .");
        }

        MediaTypes.DemandJson(http.Request);
        var body = await StrictJson.ReadBytesAsync(http.Request, MaxEventBytes, cancel);
        return Accepted(http, await processes.RaiseEventAsync(Kind(kind), Name(id), name, StrictJson.Parse<JsonNode>(body), ActOf(http, Encoding.UTF8.GetString(body)), cancel));
    }

    private static async Task<StatusCodeHttpResult> TerminateAsync(string kind, string id, HttpContext http, ProcessStore processes, CancellationToken cancel)
        => Accepted(http, await processes.TerminateAsync(Kind(kind), Name(id), Why(http), ActOf(http, Why(http)), cancel));

    private static async Task<StatusCodeHttpResult> SuspendAsync(string kind, string id, HttpContext http, ProcessStore processes, CancellationToken cancel)
        => Accepted(http, await processes.SuspendAsync(Kind(kind), Name(id), Why(http), ActOf(http, Why(http)), cancel));

    private static async Task<StatusCodeHttpResult> ResumeAsync(string kind, string id, HttpContext http, ProcessStore processes, CancellationToken cancel)
        => Accepted(http, await processes.ResumeAsync(Kind(kind), Name(id), Why(http), ActOf(http, Why(http)), cancel));

    private static async Task<StatusCodeHttpResult> RewindAsync(string kind, string id, HttpContext http, ProcessStore processes, CancellationToken cancel)
        => Accepted(http, await processes.RewindAsync(Kind(kind), Name(id), Why(http), ActOf(http, Why(http)), cancel));

    /// <summary>The request under its Idempotency-Key, if it has one. The key is the caller's text; its digest is a safe id.</summary>
    private static ProcessAct? ActOf(HttpContext http, string? body)
        => IdempotencyKey.Of(http.Request) is { } key
            ? new ProcessAct(Digest.Of(Encoding.UTF8.GetBytes(key)).ToString(), Digest.Of(Encoding.UTF8.GetBytes($"{http.Request.Path}\0{body}")).ToString())
            : null;

    private static StatusCodeHttpResult Accepted(HttpContext http, ProcessRecord process)
    {
        Active(http, process);
        return TypedResults.StatusCode(StatusCodes.Status202Accepted);
    }

    private static void Active(HttpContext http, ProcessRecord process)
    {
        http.Response.Headers.Location = $"/v1/processes/{process.Kind}/{Uri.EscapeDataString(process.Id)}";
        http.Response.Headers.RetryAfter = RetrySeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    // A kind or id that no process can have is one that is not there.
    private static string Kind(string text)
        => text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') ? Name(text) : throw DepositRoutes.NotFound();

    private static string Name(string text)
        => text.Length is > 0 and <= 128 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':' or '@') ? text : throw DepositRoutes.NotFound();

    private static string? Why(HttpContext http)
        => new QueryReader(http, "reason").Find("reason") is not { } reason ? null
            : reason.Length <= MaxReasonLength && !reason.Any(char.IsControl) ? reason
            : throw new FaultException(Fault.Malformed, $"reason has at most {MaxReasonLength} characters and no control characters");
}
