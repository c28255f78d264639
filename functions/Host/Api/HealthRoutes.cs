using Microsoft.AspNetCore.Http.HttpResults;
using Notary.Host.Http;

namespace Notary.Host.Api;

/// <summary>Whether the process lives, and whether it can work.</summary>
internal static class HealthRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", Root).ForAnyone().ExcludeFromDescription();
        routes.MapGet("/healthz", Alive).ForAnyone().WithTags("Health").Gives<Liveness>(200);
    }

    // The Functions host asks this every 25 ms until anything answers.
    private static Ok<Liveness> Root() => Alive();

    private static Ok<Liveness> Alive() => TypedResults.Ok(new Liveness("alive"));
}

/// <summary>The process answers; nothing is said about what it depends on.</summary>
public sealed record Liveness(string Status);
