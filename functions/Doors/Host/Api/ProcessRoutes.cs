using Notary.Pages.Watching;

namespace Notary.Host.Api;

/// <summary>One page of processes; <paramref name="Continuation"/> is null on the last.</summary>
public sealed record ProcessList(IReadOnlyList<ProcessStatus> Items, string? Continuation);

/// <summary>The orchestrations, for the operator, in the shapes of Durable Functions' HTTP API.</summary>
internal static class ProcessRoutes
{
    private const int MaxEventNameLength = 128;
    internal const string Hub = "hub ";
    private const int RetrySeconds = 2;

    // A larger one would leave the instance's history for a blob of its own.
    private const int MaxEventBytes = 32 * 1024;

    // Users of Durable Functions expect every member, also the null ones.
    private static readonly JsonSerializerOptions Shape = new(StrictJson.Options)
    {
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.Never,
    };

    private static readonly Dictionary<string, OrchestrationRuntimeStatus> Statuses = new(StringComparer.Ordinal)
    {
        ["Pending"] = OrchestrationRuntimeStatus.Pending,
        ["Running"] = OrchestrationRuntimeStatus.Running,
        ["Completed"] = OrchestrationRuntimeStatus.Completed,
        ["Failed"] = OrchestrationRuntimeStatus.Failed,
        ["Terminated"] = OrchestrationRuntimeStatus.Terminated,
        ["Suspended"] = OrchestrationRuntimeStatus.Suspended,
    };

    private static readonly Parameter Reason = new("reason", "query", $"for the history, at most {ProcessMending.MaxReasonLength} characters");

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/processes").WithTags("Processes");
        group.MapGet("", ListAsync).WithName("listProcesses").ForOperator()
            .Takes(new("kind", "query", "checkpoint, letters or draw"),
                new("runtimeStatus", "query", "Pending, Running, Completed, Failed, Terminated or Suspended"),
                new("parked", "query", "true: its attempts ran out, or no waiting will help; it stands until resumed"),
                new("limit", "query", "1-100, default 50"), new("continuation", "query", "the value of the page before"))
            .Gives<ProcessList>(200).Refuses(Fault.Malformed);
        group.MapGet("/{kind}/{id}", GetAsync).WithName("getProcess").ForOperator()
            .Takes(new("showHistory", "query", "true for historyEvents"), new("showInput", "query", "false to leave the input out"))
            .Gives<ProcessStatus>(200).Gives<ProcessStatus>(202).Refuses(Fault.Malformed, Fault.NotFound);
        Described(group.MapPost("/{kind}/{id}/raiseEvent/{name}", RaiseEventAsync).WithName("raiseEvent"))
            .WithMetadata(new Body(typeof(JsonNode), MediaTypes.Json, "the event's payload, any JSON"))
            .Refuses(Fault.Gone, Fault.UnsupportedMediaType, Fault.TooLarge);
        Act(group, ProcessAct.Terminate).Takes(Reason).Refuses(Fault.Gone);
        Act(group, ProcessAct.Suspend).Takes(Reason).Refuses(Fault.Gone);
        Act(group, ProcessAct.Resume).Takes(Reason).Refuses(Fault.Gone);
        Act(group, ProcessAct.Rewind).Takes(Reason);
    }

    private static RouteHandlerBuilder Act(RouteGroupBuilder group, ProcessAct act)
    {
        var name = ProcessActs.Path(act);
        return Described(group.MapPost($"/{{kind}}/{{id}}/{name}", ServeAsync).WithName($"{name}Process"));

        async Task<StatusCodeHttpResult> ServeAsync(string kind, string id, HttpContext http, ProcessMending mending, CancellationToken cancel)
        {
            await mending.MendAsync(act, kind, id, Mender.OperatorKey, Why(http), IdempotencyKey.Of(http.Request), cancel);
            return Accepted(http, kind, id);
        }
    }

    private static RouteHandlerBuilder Described(RouteHandlerBuilder route)
        => route.ForOperator().Takes(IdempotencyKey.Description).Gives(202).Refuses(Fault.Malformed, Fault.NotFound, Fault.IdempotencyConflict);

    private static async Task<JsonHttpResult<ProcessList>> ListAsync(HttpContext http, DurableDoor door, CancellationToken cancel)
    {
        var query = new QueryReader(http, "kind", "runtimeStatus", "parked", "limit", "continuation");
        OrchestrationRuntimeStatus? status = query.Find("runtimeStatus") is not { } text ? null
            : Statuses.TryGetValue(text, out var known) ? known : throw new FaultException(Fault.Malformed, "runtimeStatus is none of the six");
        bool? parked = query.Find("parked") is null ? null : query.Flag("parked");
        var wanted = new OrchestrationQuery
        {
            Statuses = parked == true ? [OrchestrationRuntimeStatus.Running] : status is { } one ? [one] : null,
            InstanceIdPrefix = query.Find("kind") is { } kind ? ProcessMending.Kind(kind) + "-" : null,
            PageSize = query.Number("limit", absent: 50, min: 1, max: 100),
            ContinuationToken = Own(Continuation.Read(query.Continuation)),
        };
        await foreach (var page in door.Client.GetAllInstancesAsync(wanted).AsPages().WithCancellation(cancel))
        {
            var found = page.Values.Where(p => parked is null || ProcessStatus.IsParked(p) == parked)
                .Select(p => ProcessStatus.Of(p, showInput: false, history: null));
            return TypedResults.Json(new ProcessList([.. found], Continuation.Write(page.ContinuationToken is { } next ? Hub + next : null)), Shape);
        }

        return TypedResults.Json(new ProcessList([], null), Shape);
    }

    private static async Task<JsonHttpResult<ProcessStatus>> GetAsync(
        string kind, string id, HttpContext http, DurableDoor door, ProcessMending mending, CancellationToken cancel)
    {
        var query = new QueryReader(http, "showHistory", "showInput");
        var (history, input) = (query.Flag("showHistory"), query.Find("showInput") is null || query.Flag("showInput"));
        var found = await mending.FindAsync(kind, id, cancel);
        var active = ProcessMending.IsActive(found);
        if (active)
            Active(http, kind, id);

        var lines = history ? await InstanceHistory.ReadAsync(door.Client, found.InstanceId, cancel) : null;
        return TypedResults.Json(ProcessStatus.Of(found, input, lines), Shape, statusCode: active ? 202 : 200);
    }

    private static async Task<StatusCodeHttpResult> RaiseEventAsync(
        string kind, string id, string name, HttpContext http, DurableDoor door, ProcessMending mending, RequestSeeds seeds, CancellationToken cancel)
    {
        if (name.Length > MaxEventNameLength || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            throw new FaultException(Fault.Malformed, $"an event's name has 1 to {MaxEventNameLength} letters, digits and - _ .");

        MediaTypes.DemandJson(http.Request);
        var body = await StrictJson.ReadBytesAsync(http.Request, MaxEventBytes, cancel);
        var payload = StrictJson.Parse<JsonNode>(body);
        await seeds.RunOnceAsync(IdempotencyKey.Of(http.Request), $"POST {http.Request.Path}", body, async _ =>
        {
            var found = await mending.FindAsync(kind, id, cancel);
            if (!ProcessMending.IsActive(found))
                throw ProcessMending.Ended(found);

            await door.Client.RaiseEventAsync(found.InstanceId, name, payload, cancel);
        }, cancel);
        return Accepted(http, kind, id);
    }

    // The hub answers a token that it never gave with an empty page.
    internal static string? Own(string? token)
        => token is null ? null : token.StartsWith(Hub, StringComparison.Ordinal) ? token[Hub.Length..]
            : throw new FaultException(Fault.Malformed, "continuation is not one of ours");

    private static StatusCodeHttpResult Accepted(HttpContext http, string kind, string id)
    {
        Active(http, kind, id);
        return TypedResults.StatusCode(StatusCodes.Status202Accepted);
    }

    private static void Active(HttpContext http, string kind, string id)
    {
        http.Response.Headers.Location = $"/v1/processes/{kind}/{Uri.EscapeDataString(id)}";
        http.Response.Headers.RetryAfter = RetrySeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private static string? Why(HttpContext http)
        => new QueryReader(http, "reason").Find("reason") is not { } reason ? null
            : reason.Length <= ProcessMending.MaxReasonLength && !reason.Any(char.IsControl) ? reason
            : throw new FaultException(Fault.Malformed, $"reason has at most {ProcessMending.MaxReasonLength} characters and no control characters");
}
