using Microsoft.AspNetCore.Http.HttpResults;

namespace Notary.Host.Api;

/// <summary>Whether the process lives, and whether it can work.</summary>
internal static class HealthRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", Root);
        routes.MapGet("/healthz", Alive);
    }

    // The Functions host asks this every 25 ms until anything answers.
    private static Ok<Liveness> Root() => Alive();

    private static Ok<Liveness> Alive() => TypedResults.Ok(new Liveness("alive"));
}

/// <summary>The process answers; nothing is said about what it depends on.</summary>
public sealed record Liveness(string Status);
