namespace Notary.Host.Api;

/// <summary>One page of processes; <paramref name="Continuation"/> is null on the last.</summary>
public sealed record ProcessList(IReadOnlyList<ProcessStatus> Items, string? Continuation);

/// <summary>The orchestrations, for the operator, in the shapes of Durable Functions' HTTP API.</summary>
internal static class ProcessRoutes
{
    private const int MaxReasonLength = 500;
    private const int MaxEventNameLength = 128;
    private const string Hub = "hub ";
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

    private static readonly Parameter Reason = new("reason", "query", $"for the history, at most {MaxReasonLength} characters");

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/processes").WithTags("Processes");
        group.MapGet("", ListAsync).WithName("listProcesses").ForOperator()
            .Takes(new("kind", "query", "checkpoint or letters"), new("runtimeStatus", "query", "Pending, Running, Completed, Failed, Terminated or Suspended"),
                new("parked", "query", "true: its attempts ran out, or no waiting will help; it stands until resumed"),
                new("limit", "query", "1-100, default 50"), new("continuation", "query", "the value of the page before"))
            .Gives<ProcessList>(200).Refuses(Fault.Malformed);
        group.MapGet("/{kind}/{id}", GetAsync).WithName("getProcess").ForOperator()
            .Takes(new("showHistory", "query", "true for historyEvents"), new("showInput", "query", "false to leave the input out"))
            .Gives<ProcessStatus>(200).Gives<ProcessStatus>(202).Refuses(Fault.Malformed, Fault.NotFound);
        Described(group.MapPost("/{kind}/{id}/raiseEvent/{name}", RaiseEventAsync).WithName("raiseEvent"))
            .WithMetadata(new Body(typeof(JsonNode), MediaTypes.Json, "the event's payload, any JSON"))
            .Refuses(Fault.Gone, Fault.UnsupportedMediaType, Fault.TooLarge);
        Act(group, "terminate", Terminate).Takes(Reason).Refuses(Fault.Gone);
        Act(group, "suspend", Suspend).Takes(Reason).Refuses(Fault.Gone);
        Act(group, "resume", Resume).Takes(Reason).Refuses(Fault.Gone);
        Act(group, "rewind", Rewind).Takes(Reason);
    }

    /// <summary>What is done to an instance that was found; throws when it cannot be.</summary>
    private delegate Task Deed(DurableDoor door, OrchestrationMetadata found, string? why, CancellationToken cancel);

    private static RouteHandlerBuilder Act(RouteGroupBuilder group, string name, Deed deed)
    {
        return Described(group.MapPost($"/{{kind}}/{{id}}/{name}", ServeAsync).WithName($"{name}Process"));

        Task<StatusCodeHttpResult> ServeAsync(string kind, string id, HttpContext http, DurableDoor door, RequestSeeds seeds, CancellationToken cancel)
        {
            var why = Why(http);
            return ActAsync(http, door, seeds, kind, id, Encoding.UTF8.GetBytes(why ?? ""), found => deed(door, found, why, cancel), cancel);
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
            InstanceIdPrefix = query.Find("kind") is { } kind ? Kind(kind) + "-" : null,
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

    private static async Task<JsonHttpResult<ProcessStatus>> GetAsync(string kind, string id, HttpContext http, DurableDoor door, CancellationToken cancel)
    {
        var query = new QueryReader(http, "showHistory", "showInput");
        var (history, input) = (query.Flag("showHistory"), query.Find("showInput") is null || query.Flag("showInput"));
        var found = await FindAsync(door, kind, id, cancel);
        var active = IsActive(found);
        if (active)
            Active(http, kind, id);

        var lines = history ? await InstanceHistory.ReadAsync(door.Client, found.InstanceId, cancel) : null;
        return TypedResults.Json(ProcessStatus.Of(found, input, lines), Shape, statusCode: active ? 202 : 200);
    }

    private static async Task<StatusCodeHttpResult> RaiseEventAsync(
        string kind, string id, string name, HttpContext http, DurableDoor door, RequestSeeds seeds, CancellationToken cancel)
    {
        if (name.Length > MaxEventNameLength || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            throw new FaultException(Fault.Malformed, $"an event's name has 1 to {MaxEventNameLength} letters, digits and - _ .");

        MediaTypes.DemandJson(http.Request);
        var body = await StrictJson.ReadBytesAsync(http.Request, MaxEventBytes, cancel);
        var payload = StrictJson.Parse<JsonNode>(body);
        return await ActAsync(http, door, seeds, kind, id, body, found => IsActive(found)
            ? door.Client.RaiseEventAsync(found.InstanceId, name, payload, cancel) : throw Ended(found), cancel);
    }

    private static Task Terminate(DurableDoor door, OrchestrationMetadata found, string? why, CancellationToken cancel)
        => IsActive(found) || found.RuntimeStatus == OrchestrationRuntimeStatus.Failed
            ? door.Client.TerminateInstanceAsync(found.InstanceId, why, cancel)
            : throw Ended(found);

    private static Task Suspend(DurableDoor door, OrchestrationMetadata found, string? why, CancellationToken cancel)
        => IsActive(found) ? door.Client.SuspendInstanceAsync(found.InstanceId, why, cancel) : throw Ended(found);

    /// <summary>Suspended or parked → active; one that is active stays so.</summary>
    private static Task Resume(DurableDoor door, OrchestrationMetadata found, string? why, CancellationToken cancel)
        => found.RuntimeStatus == OrchestrationRuntimeStatus.Suspended ? door.Client.ResumeInstanceAsync(found.InstanceId, why, cancel)
            : ProcessStatus.IsParked(found) ? door.Client.RaiseEventAsync(found.InstanceId, StepOrchestrator<long>.Resume, null, cancel)
            : IsActive(found) ? Task.CompletedTask : throw Ended(found);

    /// <summary>Failed or parked → active. A failed one begins anew: what was done is in the rows, and is not done twice.</summary>
    private static Task Rewind(DurableDoor door, OrchestrationMetadata found, string? why, CancellationToken cancel)
        => ProcessStatus.IsParked(found) ? Resume(door, found, why, cancel)
            : found.RuntimeStatus == OrchestrationRuntimeStatus.Failed
                ? door.StartAsync(found.Name, found.InstanceId, JsonSerializer.Deserialize<JsonElement>(found.SerializedInput!), cancel)
            : throw new FaultException(Fault.Conflict, $"only a failed or parked process can be rewound; this one is {found.RuntimeStatus}");

    /// <summary>Acts once for an Idempotency-Key; the same request again only gives the same answer.</summary>
    private static async Task<StatusCodeHttpResult> ActAsync(
        HttpContext http, DurableDoor door, RequestSeeds seeds, string kind, string id, ReadOnlyMemory<byte> body,
        Func<OrchestrationMetadata, Task> act, CancellationToken cancel)
    {
        await seeds.RunOnceAsync(IdempotencyKey.Of(http.Request), $"POST {http.Request.Path}", body,
            async () => await act(await FindAsync(door, kind, id, cancel)), cancel);
        Active(http, kind, id);
        return TypedResults.StatusCode(StatusCodes.Status202Accepted);
    }

    private static async Task<OrchestrationMetadata> FindAsync(DurableDoor door, string kind, string id, CancellationToken cancel)
        => await door.Client.GetInstanceAsync($"{Kind(kind)}-{Name(id)}", getInputsAndOutputs: true, cancel) ?? throw DepositRoutes.NotFound();

    // The hub answers a token that it never gave with an empty page.
    private static string? Own(string? token)
        => token is null ? null : token.StartsWith(Hub, StringComparison.Ordinal) ? token[Hub.Length..]
            : throw new FaultException(Fault.Malformed, "continuation is not one of ours");

    private static bool IsActive(OrchestrationMetadata found)
        => found.RuntimeStatus is OrchestrationRuntimeStatus.Pending or OrchestrationRuntimeStatus.Running or OrchestrationRuntimeStatus.Suspended;

    private static FaultException Ended(OrchestrationMetadata found) => new(Fault.Gone, $"the process is {found.RuntimeStatus}");

    private static void Active(HttpContext http, string kind, string id)
    {
        http.Response.Headers.Location = $"/v1/processes/{kind}/{Uri.EscapeDataString(id)}";
        http.Response.Headers.RetryAfter = RetrySeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    // A kind or id that no process can have is one that is not there.
    private static string Kind(string text)
        => text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') ? Name(text) : throw DepositRoutes.NotFound();

    private static string Name(string text)
        => text.Length is > 0 and <= 128 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':' or '@') ? text
            : throw DepositRoutes.NotFound();

    private static string? Why(HttpContext http)
        => new QueryReader(http, "reason").Find("reason") is not { } reason ? null
            : reason.Length <= MaxReasonLength && !reason.Any(char.IsControl) ? reason
            : throw new FaultException(Fault.Malformed, $"reason has at most {MaxReasonLength} characters and no control characters");
}
