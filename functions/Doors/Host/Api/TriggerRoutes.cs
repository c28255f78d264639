using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Notary.Deposits;
using Notary.Evidence;
using Notary.Host.Composition;
using Notary.Host.Http;
using Notary.Host.Triggers;
using Notary.Processes;

namespace Notary.Host.Api;

/// <summary>The queue and timer functions, as envelopes. Success is always <c>{}</c>: an empty answer would hang the Functions host until its timeout.</summary>
internal static partial class TriggerRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/" + Functions.OnUpload.Name, OnUploadAsync).ForTriggers();
        routes.MapPost("/" + Functions.Sweep.Name, SweepAsync).ForTriggers();
    }

    /// <summary>Event Grid says that a blob was created in the uploads container.</summary>
    private static async Task<Ok<Done>> OnUploadAsync(HttpContext http, Rooms rooms, HostSettings settings, CancellationToken cancel)
    {
        var text = await Envelope.QueueTextAsync(http.Request, "msg", cancel);
        if (UploadEvent.PathOf(text) is { } path)
        {
            await (await rooms.OpenAsync(cancel)).Uploads.TakeAsync(path, cancel);
        }

        return TypedResults.Ok(new Done());
    }

    private static async Task<Ok<Done>> SweepAsync(HttpContext http, Rooms rooms, PulseLog pulse, CancellationToken cancel)
    {
        await Envelope.IsPastDueAsync(http.Request, "timer", cancel);
        var open = await rooms.OpenAsync(cancel);

        // First: a sweep that fails must not silence what tells of it.
        await pulse.BeatAsync(cancel);
        await open.Sweeper.RunAsync(cancel);
        await open.Runner.RunDueAsync(cancel);
        return TypedResults.Ok(new Done());
    }

    /// <summary>Serialises as <c>{}</c>.</summary>
    public sealed record Done;
}
