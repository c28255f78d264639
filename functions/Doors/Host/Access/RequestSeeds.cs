namespace Notary.Host.Access;

/// <summary>What a repeated request must start from to give the same answer byte for byte.</summary>
/// <param name="Bytes">32 random bytes from which ids and keys are derived.</param>
/// <param name="At">The time the first request was taken.</param>
/// <param name="First">This is the first request.</param>
internal sealed record RequestSeed(byte[] Bytes, DateTimeOffset At, bool First = true)
{
    public const int Size = 32;
}

/// <summary>Idempotency of the operator's POSTs: a seed is committed under the key first, and everything else follows from it.</summary>
/// <remarks>
/// No answer is stored, so no secret is. The work after the seed is itself repeatable (adding what is there already is no
/// error), which also covers a crash in the middle: the same request again finishes it.
/// </remarks>
internal sealed class RequestSeeds(TableClient table, TimeProvider clock)
{
    private const string Partition = "request";

    /// <summary>How long a repetition waits for the first to end, before it takes it for cut off.</summary>
    private static readonly TimeSpan FirstsEnd = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <param name="key">The Idempotency-Key, or null for a seed of its own.</param>
    /// <param name="route">Method and path: a key is the operator's for one resource.</param>
    /// <param name="body">The body's bytes.</param>
    /// <exception cref="FaultException">IdempotencyConflict when the key was used with another body.</exception>
    public async Task<RequestSeed> TakeAsync(string? key, string route, ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        var fresh = new RequestSeed(RandomNumberGenerator.GetBytes(RequestSeed.Size), Trim(clock.GetUtcNow()));
        if (key is null)
            return fresh;

        var row = RowOf(key, route);
        var hash = SHA256.HashData(body.Span);
        try
        {
            await table.AddEntityAsync(new TableEntity(Partition, row) { { "Body", hash }, { "Seed", fresh.Bytes }, { "At", fresh.At } }, cancel);
            return fresh;
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            // Perhaps our own row, whose answer was lost: reading it back settles that too.
            var there = (await table.GetEntityAsync(Partition, row, cancel: cancel)).Value;
            return there.GetBinary("Body").AsSpan().SequenceEqual(hash)
                ? new RequestSeed(there.GetBinary("Seed")!, there.GetDateTimeOffset("At")!.Value, there.GetBinary("Seed").AsSpan().SequenceEqual(fresh.Bytes))
                : throw new FaultException(Fault.IdempotencyConflict, "the Idempotency-Key was used with another body");
        }
    }

    /// <summary>Does something once for a key. The same request again, also beside the first, waits for its end and does nothing;
    /// one whose first was cut off does it.</summary>
    /// <param name="key">The Idempotency-Key, or null for once each time.</param>
    /// <param name="route">Method and path.</param>
    /// <param name="body">The body's bytes.</param>
    /// <param name="act">What is done; told the seed, which is the same for the same request.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="FaultException">IdempotencyConflict when the key was used with another body.</exception>
    public async Task RunOnceAsync(string? key, string route, ReadOnlyMemory<byte> body, Func<RequestSeed, Task> act, CancellationToken cancel)
    {
        var seed = await TakeAsync(key, route, body, cancel);
        if (key is null)
        {
            await act(seed);
            return;
        }

        var row = RowOf(key, route);
        for (var waited = clock.GetTimestamp(); !seed.First && clock.GetElapsedTime(waited) < FirstsEnd;)
        {
            if ((await table.GetEntityAsync(Partition, row, cancel: cancel)).Value.GetBoolean("Done") == true)
                return;

            await Task.Delay(Look, clock, cancel);
        }

        await act(seed);
        await table.UpdateEntityAsync(new TableEntity(Partition, row) { ["Done"] = true }, ETag.All, TableUpdateMode.Merge, cancel);
    }

    private static string RowOf(string key, string route) => Digest.Of(Encoding.UTF8.GetBytes($"{route}\0{key}")).ToString();

    // What the table gives back must be what we answered the first time.
    private static DateTimeOffset Trim(DateTimeOffset time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
}
