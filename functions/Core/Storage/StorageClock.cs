namespace Notary.Storage;

/// <summary>Compares our clock with the <c>Date</c> of storage's answers: every call tells for free whether ours is off.</summary>
/// <remarks>
/// An answer's date lies between our sending and our receiving it, give or take the second it is cut to. Only what no
/// delay can explain counts, so a slow answer never makes our clock look wrong.
/// </remarks>
internal sealed class StorageClock(TimeProvider clock) : HttpPipelineSynchronousPolicy
{
    /// <summary>RFC 9110 §5.6.7: the date has whole seconds.</summary>
    private static readonly TimeSpan Resolution = TimeSpan.FromSeconds(1);

    private long offset;

    /// <summary>How far at least our clock is ahead of storage's, by the latest answer; negative when it is behind.</summary>
    public TimeSpan Offset => TimeSpan.FromTicks(Volatile.Read(ref offset));

    public override void OnSendingRequest(HttpMessage message) => message.SetProperty(typeof(StorageClock), clock.GetUtcNow());

    public override void OnReceivedResponse(HttpMessage message)
    {
        if (message.TryGetProperty(typeof(StorageClock), out var property) && property is DateTimeOffset sent
            && message.Response.Headers.TryGetValue("Date", out var text)
            && DateTimeOffset.TryParseExact(text, "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date))
        {
            var (ahead, behind) = (sent - (date + Resolution), date - clock.GetUtcNow());
            Volatile.Write(ref offset, ahead > TimeSpan.Zero ? ahead.Ticks : behind > TimeSpan.Zero ? -behind.Ticks : 0);
        }
    }
}
