using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Worker;
using Notary.Forensics;
using Notary.Host.Api;
using Notary.Lotteries;

namespace Notary.Host;

/// <summary>The app on one machine: Kestrel runs the pipeline, a pump does the errands.</summary>
public static class NotaryApp
{
    // Everything survives a kill, so an orderly end is a courtesy to the requests in flight and no more.
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Builds without touching any dependency, so that a dead one never stops the process from starting.</summary>
    public static WebApplication Build(HostSettings settings, string[]? args = null, TimeProvider? clock = null) => Build(settings, args, clock, _ => { });

    /// <summary>The same with services replaced: a test's way to shorter pauses.</summary>
    internal static WebApplication Build(HostSettings settings, string[]? args, TimeProvider? clock, Action<IServiceCollection> replace)
    {
        // Only HostSettings configures: an appsettings.json or a stray ASPNETCORE_URLS would be a second, unchecked way in.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { Args = args, ApplicationName = "Notary.Host" });
        Logs.ToConsole(builder.Logging, settings.LogLevel);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            // The IPv4 literal: "localhost" may mean ::1 alone.
            kestrel.Listen(System.Net.IPAddress.Loopback, settings.Listen.Port, Refusals.Explain);
            RequestBounds.Apply(kestrel, settings.Access.MaxConnections);
        });
        AddShared(builder.Services, settings, clock ?? TimeProvider.System);
        builder.Services.AddSingleton(_ => QueueSettings.ReadBesideApp());
        builder.Services.AddHostedService<Pump>();
        builder.Services.AddSingleton<TaskHub>();
        builder.Services.AddDurableTaskWorker(worker => worker.AddTasks(AddTasks).UseBuildTarget<InProcessTaskWorker>());
        replace(builder.Services);

        var app = builder.Build();
        app.Run(app.Services.GetRequiredService<Pipeline>().ServeAsync);
        app.Lifetime.ApplicationStarted.Register(() => Console.Out.WriteLine($"listening {AddressOf(app)}"));
        return app;
    }

    /// <summary>Where a started app listens, such as <c>http://127.0.0.1:40123</c>.</summary>
    public static Uri AddressOf(WebApplication app)
        => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>Every orchestration and activity, in both hosts.</summary>
    internal static void AddTasks(DurableTaskRegistry registry)
    {
        DepositTasks.Add(registry);
        DrawTasks.Add(registry);
        SessionTasks.Add(registry);
    }

    /// <summary>What both hosts need.</summary>
    internal static void AddShared(IServiceCollection services, HostSettings settings, TimeProvider clock)
    {
        services.AddRouting();
        services.ConfigureHttpJsonOptions(json => StrictJson.Apply(json.SerializerOptions));
        services.AddSingleton(settings);
        services.AddSingleton(clock);
        services.Configure<HostOptions>(host =>
        {
            host.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.StopHost;
            host.ShutdownTimeout = ShutdownTimeout;
        });
        Services.Add(services, settings);
        OpenApiDocument.Add(services, settings);
    }
}
