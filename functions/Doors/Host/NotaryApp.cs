using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Notary.Host.Access;
using Notary.Host.Api;
using Notary.Host.Composition;
using Notary.Host.Http;

namespace Notary.Host;

/// <summary>Puts the app together: settings in, a web application out that is ready to run.</summary>
public static class NotaryApp
{
    /// <summary>The exit code when a setting is missing or wrong, or the chain is another than the settings say.</summary>
    public const int ExitWrongSetting = 2;

    // Everything survives a kill, so an orderly end is a courtesy to the requests in flight and no more.
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Builds without touching any dependency, so that a dead one never stops the process from starting.</summary>
    public static WebApplication Build(HostSettings settings, string[]? args = null, TimeProvider? clock = null) => Build(settings, args, clock, _ => { });

    /// <summary>The same with services replaced: a test's way to shorter pauses.</summary>
    internal static WebApplication Build(HostSettings settings, string[]? args, TimeProvider? clock, Action<IServiceCollection> replace)
    {
        // Only HostSettings configures: an appsettings.json or a stray ASPNETCORE_URLS would be a second, unchecked way in.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { Args = args, ApplicationName = "Notary.Host" });
        Logs.Configure(builder.Logging, settings.LogLevel);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            // The IPv4 literal: the Functions host dials it, and "localhost" may mean ::1 alone.
            kestrel.Listen(System.Net.IPAddress.Loopback, settings.Listen.Port, Refusals.Explain);
            kestrel.AddServerHeader = false;
            RequestBounds.Apply(kestrel.Limits, settings.Access.MaxConnections);
        });
        builder.Services.AddRouting();
        builder.Services.ConfigureHttpJsonOptions(json => StrictJson.Apply(json.SerializerOptions));
        builder.Services.AddSingleton(settings);
        builder.Services.Configure<HostOptions>(host =>
        {
            host.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.StopHost;
            host.ShutdownTimeout = ShutdownTimeout;
        });
        builder.Services.AddSingleton(clock ?? TimeProvider.System);
        Services.Add(builder.Services, settings);
        OpenApiDocument.Add(builder.Services, settings);
        replace(builder.Services);

        var app = builder.Build();
        app.UseMiddleware<ProblemMiddleware>();
        app.UseRouting();
        app.UseMiddleware<AccessMiddleware>();
        HealthRoutes.Map(app);
        DepositRoutes.Map(app);
        UploadRoutes.Map(app);
        LogRoutes.Map(app);
        PublicRoutes.Map(app);
        OperatorRoutes.Map(app);
        ProcessRoutes.Map(app);
        TriggerRoutes.Map(app);
        OpenApiDocument.Map(app);
        DemandAccessRules(app);
        app.Lifetime.ApplicationStarted.Register(() => Console.Out.WriteLine($"listening {AddressOf(app)}"));
        return app;
    }

    /// <summary>Where a started app listens, such as <c>http://127.0.0.1:40123</c>.</summary>
    public static Uri AddressOf(WebApplication app)
        => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    // A route that nobody thought about is open to everybody: refuse to start instead.
    private static void DemandAccessRules(IEndpointRouteBuilder routes)
    {
        foreach (var endpoint in routes.DataSources.SelectMany(s => s.Endpoints))
        {
            if (endpoint.Metadata.OfType<AccessRule>().Count() != 1)
            {
                throw new InvalidOperationException($"{endpoint.DisplayName} needs exactly one access rule");
            }
        }
    }
}
