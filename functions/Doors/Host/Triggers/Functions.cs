namespace Notary.Host.Triggers;

/// <summary>One function of the app. <c>Triggers/&lt;Name&gt;/function.json</c> says the same to the Functions host; a test compares the two.</summary>
internal abstract record Function(string Name)
{
    /// <summary>HTTP under one prefix, proxied with its original path.</summary>
    public sealed record Http(string Name, string Route) : Function(Name);

    /// <summary>A message of one queue, as an envelope.</summary>
    public sealed record Queue(string Name, string QueueName) : Function(Name);

    /// <summary>A six-field NCRONTAB schedule, as an envelope.</summary>
    public sealed record Timer(string Name, string Schedule) : Function(Name);
}

/// <summary>Every function.</summary>
/// <remarks>
/// There is no catch-all route on purpose. The Functions host proxies a request with its original path, and it calls
/// queue and timer functions at <c>POST /&lt;FunctionName&gt;</c>: under a catch-all a stranger could post envelopes.
/// With these prefixes his <c>POST /OnUpload</c> ends in the Functions host as a 404. <see cref="EnvelopeGuard"/> is
/// the second lock, and the third is that an envelope carries no authority: it only says "look again".
/// </remarks>
internal static class Functions
{
    public static readonly Function.Http Api = new("Api", "v1/{*path}");
    public static readonly Function.Http Verify = new("Verify", "verify/{*path}");
    public static readonly Function.Http OpenApi = new("OpenApi", "openapi/{*path}");
    public static readonly Function.Http Health = new("Health", "healthz");
    public static readonly Function.Http Ready = new("Ready", "readyz");
    public static readonly Function.Queue OnUpload = new("OnUpload", "uploads");
    public static readonly Function.Timer Sweep = new("Sweep", "0 * * * * *");

    public static IReadOnlyList<Function> All { get; } = [Api, Verify, OpenApi, Health, Ready, OnUpload, Sweep];
}
