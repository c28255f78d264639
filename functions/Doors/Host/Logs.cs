using Microsoft.Extensions.Logging.Console;

namespace Notary.Host;

/// <summary>Structured logs: one JSON object a line on stdout, UTC, with the scopes that carry the correlation id.</summary>
internal static class Logs
{
    /// <summary>On one machine. A worker's lines go to the Functions host instead, which would take stdout's for Information whatever they are.</summary>
    public static void ToConsole(ILoggingBuilder logging, LogLevel level)
    {
        logging.ClearProviders();
        Filter(logging, level);
        logging.AddJsonConsole(json =>
        {
            json.IncludeScopes = true;
            json.UseUtcTimestamp = true;
            json.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
        });
    }

    /// <summary>What is worth a line, in both hosts.</summary>
    public static void Filter(ILoggingBuilder logging, LogLevel level)
    {
        logging.SetMinimumLevel(level);

        // Request logging is ProblemMiddleware's: the framework's own lines hold paths and queries, so names.
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("System", LogLevel.Warning);
        logging.AddFilter("Azure", LogLevel.Warning);

        // The task hub tells each message it moves.
        logging.AddFilter("DurableTask", LogLevel.Warning);

        // Our mapper logs an unhandled exception once already; this would be the same one again.
        logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Critical);
    }
}
