using Notary.Host.Api;

namespace Notary.Host;

/// <summary>Everything HTTP, once for both hosts: on one machine Kestrel runs it, in Functions each HTTP function hands its request to it.</summary>
public sealed partial class Pipeline
{
    private readonly RequestDelegate serve;
    // What a refused body may go on for: at the host's 250 MB/s far more than it may be.
    private static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(60);

    private readonly DurableDoor door;
    private readonly ILogger<Pipeline> log;

    /// <exception cref="InvalidOperationException">A route has no access rule, or more than one.</exception>
    internal Pipeline(IServiceProvider services, DurableDoor door, ILogger<Pipeline> log)
    {
        (this.door, this.log) = (door, log);
        var app = new ApplicationBuilder(services);
        app.UseMiddleware<ProblemMiddleware>();
        app.UseRouting();
        app.UseMiddleware<AccessMiddleware>();
        app.UseEndpoints(Map);
        serve = app.Build();
    }

    /// <summary>Answers a request that came to Kestrel.</summary>
    public Task ServeAsync(HttpContext http) => serve(http);

    /// <summary>Answers a request that came by way of a function. Nothing leaves as an exception: the Functions host would answer an empty 500.</summary>
    public async Task ServeAsync(HttpContext http, DurableTaskClient client)
    {
        door.Offer(client);
        http.Features.Set(client);

        // The worker has routed it to the function already; our own routing would keep that endpoint.
        http.SetEndpoint(null);
        http.Request.RouteValues.Clear();
        try
        {
            await serve(http);
            await DrainAsync(http);
        }
        catch (Exception e)
        {
            // The caller has gone, or an answer broke off: there is nobody to tell, and our own mapper has told the log what it could.
            Log.BrokeOff(log, e.Message);
        }
    }

    /// <summary>An answer that is given before the body's end is lost in the Functions host unless the body is taken to its end:
    /// it reads after it has sent.</summary>
    private static async Task DrainAsync(HttpContext http)
    {
        await http.Response.CompleteAsync();
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        bound.CancelAfter(DrainPatience);
        await http.Request.Body.CopyToAsync(Stream.Null, bound.Token);
    }

    private static void Map(IEndpointRouteBuilder routes)
    {
        HealthRoutes.Map(routes);
        DepositRoutes.Map(routes);
        BatchRoutes.Map(routes);
        UploadRoutes.Map(routes);
        LogRoutes.Map(routes);
        PublicRoutes.Map(routes);
        ChainRoutes.Map(routes);
        ChainPageRoutes.Map(routes);
        DrawRoutes.Map(routes);
        SessionRoutes.Map(routes);
        AgentRoutes.Map(routes);
        WebhookRoutes.Map(routes);
        PublicDrawRoutes.Map(routes);
        DrawPageRoutes.Map(routes);
        OfficeDrawRoutes.Map(routes);
        OwnDrawRoutes.Map(routes);
        SessionPageRoutes.Map(routes);
        OperatorRoutes.Map(routes);
        UsageRoutes.Map(routes);
        LimitRoutes.Map(routes);
        ProcessRoutes.Map(routes);
        LoginRoutes.Map(routes);
        SignInRoutes.Map(routes);
        AccountRoutes.Map(routes);
        DepositPageRoutes.Map(routes);
        KeyPageRoutes.Map(routes);
        EndpointPageRoutes.Map(routes);
        OverviewRoutes.Map(routes);
        ClientPageRoutes.Map(routes);
        SettingsPageRoutes.Map(routes);
        OfficeHealthRoutes.Map(routes);
        OfficeRoutes.Map(routes);
        OfficeProcessRoutes.Map(routes);
        TenantPageRoutes.Map(routes);
        TrailPageRoutes.Map(routes);
        OpenApiDocument.Map(routes);
        ConsoleRoutes.Map(routes);

        // A route that nobody thought about is open to everybody: refuse to start instead.
        foreach (var endpoint in routes.DataSources.SelectMany(s => s.Endpoints))
        {
            if (endpoint.Metadata.OfType<AccessRule>().Count() != 1)
                throw new InvalidOperationException($"{endpoint.DisplayName} needs exactly one access rule");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5, LogLevel.Debug, "an exchange broke off: {Reason}")]
        public static partial void BrokeOff(ILogger log, string reason);
    }
}
