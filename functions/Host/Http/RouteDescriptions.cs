using Notary.Evidence;
using Notary.Host.Access;

namespace Notary.Host.Http;

/// <summary>A query parameter or header of a route, for the published description.</summary>
internal sealed record Parameter(string Name, string In, string Description, bool Required = false);

/// <summary>The body of a route that is not bound by the framework.</summary>
internal sealed record Body(Type? Type, string MediaType, string Description);

/// <summary>The route's answer has the type of what was deposited, which any Accept may take.</summary>
internal sealed record AnyMediaType;

/// <summary>What the route table says about a route besides its handler: who may call it, what it takes and every answer it gives.</summary>
internal static class RouteDescriptions
{
    /// <summary>Anybody may call it.</summary>
    public static RouteHandlerBuilder ForAnyone(this RouteHandlerBuilder route) => route.WithMetadata(new AccessRule.Public());

    public static RouteHandlerBuilder ForTenant(this RouteHandlerBuilder route, Scope scope)
        => route.WithMetadata(new AccessRule.Tenant(scope))
            .Refuses(Fault.Unauthenticated, Fault.Forbidden, Fault.NotAcceptable, Fault.RateLimited, Fault.StorageUnavailable);

    public static RouteHandlerBuilder ForOperator(this RouteHandlerBuilder route)
        => route.WithMetadata(new AccessRule.Operator())
            .Refuses(Fault.Unauthenticated, Fault.Forbidden, Fault.NotAcceptable, Fault.StorageUnavailable);

    public static RouteHandlerBuilder ForTriggers(this RouteHandlerBuilder route)
        => route.WithMetadata(new AccessRule.Trigger()).ExcludeFromDescription();

    /// <summary>A success with a body of one or more media types.</summary>
    public static RouteHandlerBuilder Gives<T>(this RouteHandlerBuilder route, int status, params string[] mediaTypes)
        => mediaTypes.Length == 0
            ? route.Produces<T>(status, MediaTypes.Json)
            : route.Produces<T>(status, mediaTypes[0], mediaTypes[1..]);

    /// <summary>An answer without a body.</summary>
    public static RouteHandlerBuilder Gives(this RouteHandlerBuilder route, int status) => route.Produces(status);

    /// <summary>The faults this route answers with, as problems.</summary>
    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder route, params ReadOnlySpan<Fault> faults)
    {
        foreach (var fault in faults)
        {
            route.Produces<Problem>(FaultStatus.Of(fault), Problem.MediaType);
        }

        return route;
    }

    public static RouteHandlerBuilder Takes(this RouteHandlerBuilder route, params ReadOnlySpan<Parameter> parameters)
    {
        foreach (var parameter in parameters)
        {
            route.WithMetadata(parameter);
        }

        return route;
    }

    /// <summary>A JSON body of the shape <typeparamref name="T"/>, read by <see cref="StrictJson"/>.</summary>
    public static RouteHandlerBuilder TakesJson<T>(this RouteHandlerBuilder route)
        => route.WithMetadata(new Body(typeof(T), MediaTypes.Json, "")).Refuses(Fault.Malformed, Fault.UnsupportedMediaType, Fault.TooLarge);

    /// <summary>A body of bytes of any size: only these routes lift Kestrel's bound.</summary>
    public static RouteHandlerBuilder TakesFile(this RouteHandlerBuilder route, string description)
        => route.WithMetadata(new Body(null, "application/octet-stream", description), new Microsoft.AspNetCore.Mvc.DisableRequestSizeLimitAttribute())
            .Refuses(Fault.Malformed, Fault.UnsupportedMediaType);
}
