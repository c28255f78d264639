namespace Notary.Cli;

/// <summary>I4 and I10 within one process: its history is unbroken, goes forward in time, and only by steps that its kind takes.</summary>
internal static class HistoryAudit
{
    /// <summary>Lines that a history keeps; the oldest after the first go.</summary>
    private const int MaxLines = 40;

    /// <summary>Where each step may lead. Only a reorganisation leads back: an anchor to its confirmation, a letter to its issue.</summary>
    private static readonly Dictionary<string, (string Step, string[] Next)[]> Kinds = new(StringComparer.Ordinal)
    {
        ["checkpoint"] = [("stamp", ["anchor"]), ("anchor", [])],
        ["anchor"] = [("submit", ["confirm"]), ("confirm", ["settle"]), ("settle", ["confirm"])],
        ["certificate"] = [("stamp", ["issue"]), ("issue", ["settle"]), ("settle", ["issue"])],
    };

    public static bool IsKnown(string kind) => Kinds.ContainsKey(kind);

    /// <summary>What is wrong, with its code; nothing when all is well.</summary>
    public static IEnumerable<(string Invariant, string Code, string Reason)> Judge(ProcessRecord process)
    {
        var (lines, kind) = (process.History, Kinds.GetValueOrDefault(process.Kind));
        if (lines[0].Event != "Created" || lines.Count > MaxLines)
        {
            yield return ("I10", "history-broken", "the history does not begin with the process's creation, or is longer than any");
        }

        var step = lines[0].Step;
        if (kind is not null && step != kind[0].Step)
        {
            yield return ("I4", "step-order", $"the process began at {step}");
        }

        for (var i = 1; i < lines.Count; i++)
        {
            var (line, before) = (lines[i], lines[i - 1]);
            if (line.At < before.At - Audit.MaxSkew)
            {
                yield return ("I4", "history-time", $"line {i} of the history is older than the line before it");
            }

            // A full history has lost what came after its first line.
            var cut = i == 1 && lines.Count == MaxLines;
            if ((!cut && line.Step != step) || !Follows(before.Event, line.Event, cut))
            {
                yield return ("I10", "history-broken", $"line {i} of the history, {line.Event} at {line.Step}, does not follow from the line before it");
            }

            step = line.Step;
            if (line.Event == "Advanced")
            {
                if (kind is not null && !kind.Any(k => k.Step == step && k.Next.Contains(line.Detail)))
                {
                    yield return ("I4", "step-order", $"line {i} of the history leads from {step} to {line.Detail}");
                }

                step = line.Detail ?? "";
            }
        }

        if (process.Step != step || !Ends(process, lines))
        {
            yield return ("I10", "history-broken", $"the process is {process.Status} at {process.Step}, and its history ends with {lines[^1].Event} at {step}");
        }
    }

    private static bool Follows(string before, string after, bool cut) => after switch
    {
        "Created" => false,
        _ when cut => true,
        "Resumed" or "Rewound" or "Terminated" => before is not ("Completed" or "Terminated"),
        "Advanced" or "Completed" or "Waiting" or "Retried" or "Parked" or "Stopped" or "EventRaised" or "Suspended" => before is not ("Completed" or "Terminated" or "Parked" or "Stopped"),
        _ => false,
    };

    private static bool Ends(ProcessRecord process, IReadOnlyList<HistoryLine> lines) => process.Status switch
    {
        not "Failed" when process.Parked => false,
        "Completed" => lines[^1].Event == "Completed",
        "Terminated" => lines[^1].Event == "Terminated",
        "Failed" => lines[^1].Event == (process.Parked ? "Parked" : "Stopped"),
        "Suspended" => lines.Count == MaxLines || lines.LastOrDefault(l => l.Event is "Suspended" or "Resumed")?.Event == "Suspended",
        _ => lines[^1].Event is not ("Completed" or "Terminated" or "Parked" or "Stopped"),
    };
}
