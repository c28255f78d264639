namespace Notary.Host.Http;

/// <summary>The route moves as much as its caller likes: only its beginning has the short deadline.</summary>
internal sealed record Unhurried;

/// <summary>How long a dependency that says nothing may hold up an answer.</summary>
/// <remarks>A dependency that refuses is known at once; one that hangs is tried several times, which front ends (230 s on Azure) do not wait for.</remarks>
/// <param name="Patience">An answer of ours by then, whatever hangs.</param>
/// <param name="Whole">The whole exchange, also where its caller is slow; null where nobody stands between.</param>
internal sealed record Deadline(TimeSpan Patience, TimeSpan? Whole = null)
{
    public static readonly Deadline OneMachine = new(TimeSpan.FromSeconds(60));

    /// <summary>Azure's front end cuts at 230 s, and the Functions host ends the whole worker for one request that is longer than functionTimeout.</summary>
    public static readonly Deadline Functions = OneMachine with { Whole = TimeSpan.FromSeconds(220) };
}
