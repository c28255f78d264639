using System.Text.Json.Serialization;

namespace Notary.Orchestration;

/// <summary>What an activity found out about the step it was asked to take. Kinds derive from it.</summary>
/// <param name="Code">Stable code of the fault that stands in the way; null when the step is taken.</param>
/// <param name="Why">For people; no content, no secret.</param>
/// <param name="Person">No waiting will mend it: it is parked at once.</param>
public record Step(string? Code = null, string? Why = null, bool Person = false)
{
    /// <summary>Whether the step is taken.</summary>
    public bool Taken => Code is null;

    /// <summary>Not now: again after a pause.</summary>
    public static Step NotNow(Fault fault, string why) => new(fault.Code(), why);
}

/// <summary>Where an orchestration is: a value that its next generation, or the next build, goes on from.</summary>
/// <param name="At">The step that comes next; <see cref="End"/> after the last.</param>
/// <param name="Of">What it is about.</param>
/// <param name="Attempt">Tries of this step that came to nothing.</param>
public sealed record Journey<T>(string At, T Of, int Attempt = 0)
{
    /// <summary>No step is left.</summary>
    public const string End = "end";

    /// <summary>The next step.</summary>
    public Journey<T> Go(string step) => new(step, Of);
}

/// <summary>What people see of a journey (custom status).</summary>
/// <param name="Step">The step it is at.</param>
/// <param name="Status">What it waits for, if for anything.</param>
/// <param name="Parked">It stands until a person resumes it.</param>
/// <param name="Attempt">Tries of this step that came to nothing.</param>
/// <param name="Code">Code of the last fault.</param>
/// <param name="Reason">The same in words.</param>
public sealed record JourneyStatus(
    [property: JsonPropertyName("step")] string Step,
    [property: JsonPropertyName("status")] string? Status,
    [property: JsonPropertyName("parked")] bool Parked = false,
    [property: JsonPropertyName("attempt")] int Attempt = 0,
    [property: JsonPropertyName("code")] string? Code = null,
    [property: JsonPropertyName("reason")] string? Reason = null);
