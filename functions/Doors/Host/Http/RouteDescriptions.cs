using Notary.Identity.People;

namespace Notary.Host.Http;

/// <summary>A query parameter or header of a route, for the published description.</summary>
internal sealed record Parameter(string Name, string In, string Description, bool Required = false);

/// <summary>The body of a route that is not bound by the framework.</summary>
internal sealed record Body(Type? Type, string MediaType, string Description, bool Required = true);

/// <summary>The route's answer has the type of what was deposited, which any Accept may take.</summary>
internal sealed record AnyMediaType;

/// <summary>What the route table says about a route besides its handler: who may call it, what it takes and every answer it gives.</summary>
internal static class RouteDescriptions
{
    /// <summary>Anybody may call it.</summary>
    public static RouteHandlerBuilder ForAnyone(this RouteHandlerBuilder route)
        => route.WithMetadata(new AccessRule.Public()).Refuses(Fault.Malformed, Fault.RateLimited);

    /// <summary>Anybody may call it, as often as he likes.</summary>
    public static RouteHandlerBuilder ForProbes(this RouteHandlerBuilder route) => route.WithMetadata(new AccessRule.Probe());

    public static RouteHandlerBuilder ForTenant(this RouteHandlerBuilder route, Scope scope)
        => route.WithMetadata(new AccessRule.Tenant(scope))
            .Refuses(Fault.Malformed, Fault.Unauthenticated, Fault.Forbidden, Fault.RateLimited, Fault.StorageUnavailable);

    /// <summary>The agent of the session that the route names: its value <c>session</c>.</summary>
    public static RouteHandlerBuilder ForAgent(this RouteHandlerBuilder route)
        => route.WithMetadata(new AccessRule.Agent()).Refuses(Fault.Malformed, Fault.Unauthenticated, Fault.RateLimited, Fault.StorageUnavailable);

    public static RouteHandlerBuilder ForOperator(this RouteHandlerBuilder route)
        => route.WithMetadata(new AccessRule.Operator())
            .Refuses(Fault.Malformed, Fault.Unauthenticated, Fault.Forbidden, Fault.RateLimited, Fault.StorageUnavailable);

    /// <summary>Whoever is signed in with a browser and has one of the roles; with any when none are named. What is not a GET needs the page's token.</summary>
    public static RouteHandlerBuilder ForPerson(this RouteHandlerBuilder route, params Role[] roles)
        => route.WithMetadata(new AccessRule.Person(roles))
            .Refuses(Fault.Malformed, Fault.Unauthenticated, Fault.Forbidden, Fault.RateLimited, Fault.StorageUnavailable);

    /// <summary>The route's values or its query are secrets: the trail names the route alone.</summary>
    public static RouteHandlerBuilder Confidential(this RouteHandlerBuilder route) => route.WithMetadata(new Confidential());

    /// <summary>An answer with a body of a media type, JSON unless said otherwise; a caller who takes no such type is refused.</summary>
    public static RouteHandlerBuilder Gives<T>(this RouteHandlerBuilder route, int status, string mediaType = MediaTypes.Json)
        => route.Produces<T>(status, mediaType).Refuses(Fault.NotAcceptable);

    /// <summary>Answers with the bytes of what was deposited, of a type that is not known beforehand, so that any Accept may take it.</summary>
    public static RouteHandlerBuilder GivesDeposited(this RouteHandlerBuilder route, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses)
            route.Produces<byte[]>(status, "application/octet-stream");

        return route.WithMetadata(new AnyMediaType());
    }

    /// <summary>What it takes is deposited, and counted in its tenant's limits; when its body is the content, as one under way.</summary>
    public static RouteHandlerBuilder Deposits(this RouteHandlerBuilder route, bool isBody) => route.WithMetadata(new TakesDeposit(isBody));

    /// <summary>Takes or gives as much as its caller likes: no deadline once it has begun.</summary>
    public static RouteHandlerBuilder Unhurried(this RouteHandlerBuilder route) => route.WithMetadata(new Unhurried());

    /// <summary>An answer without a body.</summary>
    public static RouteHandlerBuilder Gives(this RouteHandlerBuilder route, int status) => route.Produces(status);

    /// <summary>The faults this route answers with, as problems.</summary>
    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder route, params ReadOnlySpan<Fault> faults)
    {
        foreach (var fault in faults)
            route.Produces<Problem>(FaultStatus.Of(fault), Problem.MediaType);

        return route;
    }

    public static RouteHandlerBuilder Takes(this RouteHandlerBuilder route, params ReadOnlySpan<Parameter> parameters)
    {
        foreach (var parameter in parameters)
            route.WithMetadata(parameter);

        return route;
    }

    /// <summary>A JSON body of the shape <typeparamref name="T"/>, read by <see cref="StrictJson"/>.</summary>
    public static RouteHandlerBuilder TakesJson<T>(this RouteHandlerBuilder route, bool required = true)
        => route.WithMetadata(new Body(typeof(T), MediaTypes.Json, "", required)).Refuses(Fault.Malformed, Fault.UnsupportedMediaType, Fault.TooLarge);

    /// <summary>A body of bytes of any size: only these routes lift Kestrel's bound.</summary>
    public static RouteHandlerBuilder TakesFile(this RouteHandlerBuilder route, string description)
        => route.WithMetadata(new Body(null, "application/octet-stream", description), new Microsoft.AspNetCore.Mvc.DisableRequestSizeLimitAttribute())
            .Refuses(Fault.Malformed, Fault.UnsupportedMediaType);
}
