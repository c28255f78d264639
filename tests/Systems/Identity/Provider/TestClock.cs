namespace Notary.Identity.Tests.Provider;

/// <summary>The system's clock, set forward by so much; what is measured with it as well.</summary>
internal sealed class TestClock : TimeProvider
{
    private TimeSpan ahead;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + ahead;

    public override long GetTimestamp() => System.GetTimestamp() + (long)(ahead.TotalSeconds * TimestampFrequency);

    public void Advance(TimeSpan by) => ahead += by;
}
