namespace Notary.Host.Functions;

/// <summary>HTTP: one function for each public area, so that each is seen and measured by its name; all of them are the same pipeline.</summary>
public sealed class HttpFunctions(Pipeline pipeline)
{
    /// <summary>Deposits, uploads, the log, the operator's routes: docs/api.md.</summary>
    [Function("Api")]
    public Task ApiAsync([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/{*path}")] HttpRequest request, [DurableClient] DurableTaskClient client)
        => pipeline.ServeAsync(request.HttpContext, client);

    /// <summary>The page that stands on every letter.</summary>
    [Function("Verify")]
    public Task VerifyAsync([HttpTrigger(AuthorizationLevel.Anonymous, Route = "verify/{*path}")] HttpRequest request, [DurableClient] DurableTaskClient client)
        => pipeline.ServeAsync(request.HttpContext, client);

    /// <summary>The login centre's endpoints.</summary>
    [Function("Login")]
    public Task LoginAsync([HttpTrigger(AuthorizationLevel.Anonymous, Route = "connect/{*path}")] HttpRequest request, [DurableClient] DurableTaskClient client)
        => pipeline.ServeAsync(request.HttpContext, client);

    /// <summary>The API's description.</summary>
    [Function("OpenApi")]
    public Task OpenApiAsync([HttpTrigger(AuthorizationLevel.Anonymous, Route = "openapi/{*path}")] HttpRequest request,
        [DurableClient] DurableTaskClient client)
        => pipeline.ServeAsync(request.HttpContext, client);

    /// <summary>Whether the process lives.</summary>
    [Function("Health")]
    public Task HealthAsync([HttpTrigger(AuthorizationLevel.Anonymous, Route = "healthz")] HttpRequest request, [DurableClient] DurableTaskClient client)
        => pipeline.ServeAsync(request.HttpContext, client);

    /// <summary>Whether it can work.</summary>
    [Function("Ready")]
    public Task ReadyAsync([HttpTrigger(AuthorizationLevel.Anonymous, Route = "readyz")] HttpRequest request, [DurableClient] DurableTaskClient client)
        => pipeline.ServeAsync(request.HttpContext, client);

    /// <summary>Everything else, and no method is named: what is not there is said by our problem, not by the host's empty 404.</summary>
    [Function("Elsewhere")]
    public Task ElsewhereAsync([HttpTrigger(AuthorizationLevel.Anonymous, Route = "{*path}")] HttpRequest request, [DurableClient] DurableTaskClient client)
        => pipeline.ServeAsync(request.HttpContext, client);
}
