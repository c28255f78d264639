using Microsoft.Extensions.Logging.Console;

namespace Notary.Host;

/// <summary>Structured logs: one JSON object a line on stdout, UTC, with the scopes that carry the correlation id.</summary>
internal static class Logs
{
    public static void Configure(ILoggingBuilder logging, LogLevel level)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(level);

        // Request logging is ProblemMiddleware's: the framework's own lines hold paths and queries, so names.
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("System", LogLevel.Warning);
        logging.AddFilter("Azure", LogLevel.Warning);

        // Our mapper logs an unhandled exception once already; this would be the same one again.
        logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Critical);
        logging.AddJsonConsole(json =>
        {
            json.IncludeScopes = true;
            json.UseUtcTimestamp = true;
            json.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
        });
    }
}
