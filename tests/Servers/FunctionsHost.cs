using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Notary.Servers.Rpc;

namespace Notary.Servers;

/// <summary>A Functions host, as far as an isolated worker can tell: speaks the RPC protocol, hands HTTP on to the worker's own port,
/// calls queue and timer functions.</summary>
public sealed class FunctionsHost : IAsyncDisposable
{
    /// <summary>Joins the HTTP request to its invocation.</summary>
    private const string Correlation = "x-ms-invocation-id";
    private const string HubName = "notary";

    private static readonly string[] Hop = ["Host", "Connection", "Transfer-Encoding", "Keep-Alive", "Expect"];

    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly WebApplication server;
    private readonly FunctionsStream stream;
    private Uri rpc = null!;
    private readonly List<(TemplateMatcher Route, RpcFunctionMetadata Function)> routes = [];

    private FunctionsHost(WebApplication server, FunctionsStream stream) => (this.server, this.stream) = (server, stream);

    /// <summary>Where callers send HTTP.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>The worker.</summary>
    public ChildProcess Worker { get; private set; } = null!;

    /// <summary>Orchestrations that the worker has started: instance ids, each with its orchestrator.</summary>
    public IReadOnlyDictionary<string, string> Orchestrations => server.Services.GetRequiredService<DurableSidecar>().Started;

    /// <summary>What the worker has told to log.</summary>
    public string Log => stream.Log;

    /// <summary>Names of all functions, each of them loaded.</summary>
    public IReadOnlyList<string> Functions => [.. stream.Functions.Select(f => f.Name)];

    /// <summary>Starts a worker from its folder and waits until it has loaded every function.</summary>
    /// <param name="folder">The app's root: host.json, worker.config.json and the program.</param>
    /// <param name="environment">The app's settings.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<FunctionsHost> StartAsync(string folder, IReadOnlyDictionary<string, string?> environment, CancellationToken cancel = default)
    {
        var stream = new FunctionsStream(folder);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, l => l.Protocols = HttpProtocols.Http2);
            kestrel.Listen(IPAddress.Loopback, 0, l => l.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = null);
        builder.Services.AddSingleton(stream).AddSingleton<DurableSidecar>();
        var host = new FunctionsHost(builder.Build(), stream);
        host.server.MapGrpcService<FunctionsStream>();
        host.server.MapGrpcService<DurableSidecar>();
        host.server.MapFallback("{*path}", host.ForwardAsync);
        await host.server.StartAsync(cancel);
        try
        {
            await host.StartWorkerAsync(folder, environment, cancel);
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }

        return host;
    }

    /// <summary>Delivers a message to a queue function.</summary>
    /// <returns>Null when it was taken, else what the function threw.</returns>
    public Task<string?> QueueAsync(string function, string message, CancellationToken cancel = default)
        => TriggerAsync(function, "queueTrigger", new TypedData { String = message }, cancel);

    /// <summary>Fires a timer function.</summary>
    /// <returns>Null when it ended well, else what it threw.</returns>
    public Task<string?> TimerAsync(string function, CancellationToken cancel = default)
        => TriggerAsync(function, "timerTrigger",
            new TypedData { Json = """{"Schedule":{"AdjustForDST":true},"ScheduleStatus":null,"IsPastDue":false}""" }, cancel);

    public async ValueTask DisposeAsync()
    {
        if (Worker is not null)
            await Worker.DisposeAsync();

        await server.DisposeAsync();
        http.Dispose();
    }

    private async Task StartWorkerAsync(string folder, IReadOnlyDictionary<string, string?> environment, CancellationToken cancel)
    {
        var addresses = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(a => new Uri(a)).ToList();
        (rpc, Url) = (addresses[0], addresses[1]);
        var id = Guid.NewGuid().ToString();
        var description = Json(await File.ReadAllTextAsync(Path.Combine(folder, "worker.config.json"), cancel)).GetProperty("description");
        Worker = await ChildProcess.StartAsync(
            new ChildStart(
                description.GetProperty("defaultExecutablePath").GetString()!,
                Path.Combine(folder, description.GetProperty("defaultWorkerPath").GetString()!),
                "--functions-uri", addresses[0].ToString(), "--functions-worker-id", id,
                "--functions-request-id", id, "--functions-grpc-max-message-length", "2147483647")
            {
                WorkingDirectory = folder,
                Environment = new Dictionary<string, string?>(environment)
                {
                    ["FUNCTIONS_APPLICATION_DIRECTORY"] = folder,
                    ["FUNCTIONS_WORKER_DIRECTORY"] = folder,
                    ["WEBSITE_HOSTNAME"] = Url.Authority,
                },
                Ready = async (_, _) =>
                {
                    if (stream.Ready.IsCompleted)
                        await stream.Ready;

                    return stream.Ready.IsCompleted;
                },
            },
            cancel);
        foreach (var function in stream.Functions)
        {
            if (Trigger(function) is var trigger && trigger.GetProperty("type").GetString() == "httpTrigger")
                routes.Add((new TemplateMatcher(TemplateParser.Parse(trigger.GetProperty("route").GetString()!), []), function));
        }

        // As routing has it: what is said literally goes before a catch-all.
        routes.Sort((a, b) => b.Route.Template.Segments.Count.CompareTo(a.Route.Template.Segments.Count) is var more and not 0
            ? more
            : a.Route.Template.Segments[0].IsSimple && a.Route.Template.Segments[0].Parts[0].IsParameter ? 1 : -1);
    }

    private async Task<string?> TriggerAsync(string function, string type, TypedData data, CancellationToken cancel)
    {
        var found = stream.Functions.Single(f => f.Name == function);
        return Trigger(found).GetProperty("type").GetString() == type
            ? Failure(await stream.InvokeAsync(Request(found, data), cancel))
            : throw new InvalidOperationException($"{function} is no {type}");
    }

    private static string? Failure(StatusResult result)
        => result.Status == StatusResult.Types.Status.Success ? null : result.Exception?.Message ?? result.Status.ToString();

    private InvocationRequest Request(RpcFunctionMetadata function, TypedData data)
    {
        var request = new InvocationRequest
        {
            InvocationId = Guid.NewGuid().ToString(),
            FunctionId = function.FunctionId,
            TraceContext = new(),
            RetryContext = new()
        };
        request.InputData.Add(new ParameterBinding { Name = Trigger(function).GetProperty("name").GetString(), Data = data });
        foreach (var binding in function.RawBindings.Select(Json).Where(b => b.GetProperty("type").GetString() == "durableClient"))
        {
            // What the durable extension tells a client: where the hub is.
            var hub = JsonSerializer.Serialize(new
            {
                taskHubName = HubName,
                connectionName = "EvidenceStorage",
                rpcBaseUrl = rpc,
                httpBaseUrl = Url,
                requiredQueryStringParameters = "",
                maxGrpcMessageSizeInBytes = int.MaxValue
            });
            request.InputData.Add(new ParameterBinding { Name = binding.GetProperty("name").GetString(), Data = new TypedData { String = hub } });
        }

        return request;
    }

    private static JsonElement Trigger(RpcFunctionMetadata function)
        => function.RawBindings.Select(Json).Single(b => b.GetProperty("type").GetString()!.EndsWith("Trigger", StringComparison.Ordinal));

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    /// <summary>The invocation goes by gRPC, the request beside it to the worker's own port; the answer is ready when both have ended.</summary>
    private async Task ForwardAsync(HttpContext context)
    {
        var function = routes.FirstOrDefault(r => r.Route.TryMatch(context.Request.Path, [])).Function;
        if (function is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var invocation = Request(function, new TypedData { Http = new RpcHttp() });
        var end = stream.InvokeAsync(invocation, context.RequestAborted);
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method),
            new Uri(stream.Http!, context.Features.Get<IHttpRequestFeature>()!.RawTarget));
        if (context.Request.ContentLength > 0 || context.Request.Headers.TransferEncoding.Count > 0)
            request.Content = new StreamContent(context.Request.Body);

        foreach (var (name, values) in context.Request.Headers.Where(h => !Hop.Contains(h.Key)))
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.ToArray()))
                request.Content?.Headers.TryAddWithoutValidation(name, values.ToArray());
        }

        request.Headers.Remove(Correlation);
        request.Headers.Add(Correlation, invocation.InvocationId);
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers).Where(h => !Hop.Contains(h.Key)))
            context.Response.Headers[name] = values.ToArray();

        await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        await end;
    }
}
