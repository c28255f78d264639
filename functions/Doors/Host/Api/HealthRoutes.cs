namespace Notary.Host.Api;

/// <summary>The process answers; nothing is said about what it depends on.</summary>
public sealed record Liveness(string Status);

/// <summary>Whether every dependency would serve now, each by name: blobs, tables, queues, vault, chain, time.</summary>
/// <param name="Status">ready or unready.</param>
public sealed record Readiness(string Status, IReadOnlyList<DependencyReadiness> Dependencies);

public sealed record DependencyReadiness(string Name, bool Ok);

/// <summary>The same with reasons, for the operator.</summary>
/// <param name="OverdueUploads">Uploads that have their bytes and should long have been taken, with the reason; at most 50.</param>
/// <param name="RefusedUploads">Uploads that cannot be a deposit, the newest first; at most 50.</param>
public sealed record HealthDetail(
    string Status, bool Started, IReadOnlyList<DependencyState> Dependencies, IReadOnlyList<OverdueUpload> OverdueUploads,
    IReadOnlyList<RefusedUpload> RefusedUploads);

/// <summary>Whether the process lives, and whether it can work.</summary>
internal static class HealthRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", Alive).WithName("getLiveness").ForProbes().WithTags("Health").Gives<Liveness>(200);
        routes.MapGet("/readyz", ReadyAsync).WithName("getReadiness").ForProbes().WithTags("Health").Gives<Readiness>(200).Gives<Readiness>(503);
        routes.MapGet("/v1/operator/health", DetailAsync).WithName("getHealth").ForOperator().WithTags("Operator").Gives<HealthDetail>(200);
    }

    public static Ok<Liveness> Alive() => TypedResults.Ok(new Liveness("alive"));

    private static async Task<JsonHttpResult<Readiness>> ReadyAsync(HttpContext http, Rooms rooms, HealthWatch watch, CancellationToken cancel)
    {
        var states = await watch.NowAsync(cancel);
        var ready = rooms.IsOpen && states.All(s => s.Ok);
        http.Response.Headers.CacheControl = "no-store";

        // The reasons are for the operator: a stranger learns that the vault is down, not why.
        return TypedResults.Json(new Readiness(ready ? "ready" : "unready", [.. states.Select(s => new DependencyReadiness(s.Name, s.Ok))]),
            statusCode: ready ? 200 : 503);
    }

    private static async Task<Ok<HealthDetail>> DetailAsync(Rooms rooms, HealthWatch watch, CancellationToken cancel)
    {
        var states = await watch.NowAsync(cancel);
        var uploads = rooms.IsOpen ? (await rooms.OpenAsync(cancel)).Uploads : null;
        bool Serves(string name) => states.Any(s => s.Ok && s.Name == name);
        return TypedResults.Ok(new HealthDetail(rooms.IsOpen && states.All(s => s.Ok) ? "ready" : "unready", rooms.IsOpen, states,
            uploads is not null && Serves("blobs") && Serves("tables") ? await uploads.OverdueAsync(cancel) : [],
            uploads is not null && Serves("tables") ? await uploads.RefusedAsync(cancel) : []));
    }
}
