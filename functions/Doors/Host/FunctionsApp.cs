using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.DurableTask.Worker;

namespace Notary.Host;

/// <summary>The app as an isolated worker of the Functions host.</summary>
internal static class FunctionsApp
{
    /// <summary>The host's gRPC address, by which a worker is known to be one: the host gives it as an argument, Core Tools as a setting.</summary>
    private const string Argument = "--functions-uri";
    private const string Variable = "Functions__Worker__HostEndpoint";

    /// <summary>Whether a Functions host has started this process.</summary>
    public static bool IsThere(string[] args) => args.Contains(Argument) || Environment.GetEnvironmentVariable(Variable) is { Length: > 0 };

    public static IHost Build(HostSettings settings, string[] args)
    {
        var builder = FunctionsApplication.CreateBuilder(args);
        builder.ConfigureFunctionsWebApplication();
        builder.ConfigureDurableWorker().AddTasks(NotaryApp.AddTasks);
        Logs.Filter(builder.Logging, settings.LogLevel);
        builder.Services.Configure<KestrelServerOptions>(kestrel => RequestBounds.Apply(kestrel, settings.Access.MaxConnections));
        NotaryApp.AddShared(builder.Services, settings, TimeProvider.System);
        return builder.Build();
    }
}
