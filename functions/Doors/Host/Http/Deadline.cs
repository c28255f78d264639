namespace Notary.Host.Http;

/// <summary>The route moves as much as its caller likes, so only its beginning has a deadline.</summary>
internal sealed record Unhurried;

/// <summary>How long a dependency that says nothing may hold up an answer.</summary>
/// <remarks>A dependency that refuses is known at once; one that hangs is tried several times, which front ends (230 s on Azure) do not wait for.</remarks>
internal sealed record Deadline(TimeSpan Patience)
{
    public static readonly Deadline Default = new(TimeSpan.FromSeconds(60));
}
