namespace Notary.Identity.Tests.People;

/// <summary>The system's clock, ahead by so much.</summary>
internal sealed class ShiftedClock : TimeProvider
{
    public TimeSpan By { get; set; }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + By;
}
