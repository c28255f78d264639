using System.Security.Cryptography;
using System.Text;
using Azure;
using Notary.Evidence;
using Notary.Storage;

namespace Notary.Host.Access;

/// <summary>What a repeated request must start from to give the same answer byte for byte.</summary>
/// <param name="Bytes">32 random bytes from which ids and keys are derived.</param>
/// <param name="At">The time the first request was taken.</param>
internal sealed record RequestSeed(byte[] Bytes, DateTimeOffset At)
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

    /// <param name="key">The Idempotency-Key, or null for a seed of its own.</param>
    /// <param name="route">Method and path: a key is the operator's for one resource.</param>
    /// <param name="body">The body's bytes.</param>
    /// <exception cref="FaultException">IdempotencyConflict when the key was used with another body.</exception>
    public async Task<RequestSeed> TakeAsync(string? key, string route, ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        var fresh = new RequestSeed(RandomNumberGenerator.GetBytes(RequestSeed.Size), Trim(clock.GetUtcNow()));
        if (key is null)
        {
            return fresh;
        }

        var row = Digest.Of(Encoding.UTF8.GetBytes($"{route}\0{key}")).ToString();
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
                ? new RequestSeed(there.GetBinary("Seed")!, there.GetDateTimeOffset("At")!.Value)
                : throw new FaultException(Fault.IdempotencyConflict, "the Idempotency-Key was used with another body");
        }
    }

    // What the table gives back must be what we answered the first time.
    private static DateTimeOffset Trim(DateTimeOffset time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
}
