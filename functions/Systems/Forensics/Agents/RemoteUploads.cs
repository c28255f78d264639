using System.Text.RegularExpressions;
using Notary.Forensics.Desktops;

namespace Notary.Forensics.Agents;

/// <summary>What an agent did with a file: sealed it, with these bytes, or did not, and why.</summary>
/// <param name="Size">In bytes.</param>
/// <param name="Digest">SHA-256 in hexadecimal.</param>
/// <param name="Refused">One sentence.</param>
public sealed record UploadAnswer(long? Size = null, string? Digest = null, string? Refused = null);

/// <summary>Files on their way to a desktop elsewhere. 1 kept beside the recording, encrypted like it; 2 the agent is told; 3 it fetches the file, has it
/// sealed and answers. Each step is in storage, so that the same key goes on wherever one broke off.</summary>
internal sealed partial class RemoteUploads(AgentTable table, RecordingStore recordings, TimeProvider clock)
{
    /// <summary>Characters of a refusal's reason: a sentence.</summary>
    private const int MaxRefusal = 1000;

    /// <summary>What an answer takes at most: the file is fetched, copied and made durable before. Gateways wait for some minutes.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>Between two looks for the answer: another instance may have taken it.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    /// <inheritdoc cref="IDesktopProvider.PutFileAsync"/>
    /// <exception cref="IOException">The desktop did not take the file, or does not answer.</exception>
    public async Task<SessionFile?> PutAsync(DepositId session, string? key, string name, Stream body, CancellationToken cancel)
    {
        // Keys of ours begin with a mark of exclamation, so that none of a caller's is one of them.
        var own = key is null ? null : Digest.Of(Encoding.UTF8.GetBytes(key)).ToString();
        var file = own ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Digest.Size));
        var sealing = await recordings.PutUploadAsync(session, file, body, cancel).ConfigureAwait(false);
        var line = $"upload {file} {name}";
        await table.TellAsync(session, own, line, cancel).ConfigureAwait(false);
        if (own is not null && await table.ToldAsync(session, own, cancel).ConfigureAwait(false) != line)
            throw new FaultException(Fault.IdempotencyConflict, "this idempotency key was used for something else");

        for (var begun = clock.GetTimestamp(); ; await Task.Delay(Look, clock, cancel).ConfigureAwait(false))
        {
            // In this order: what a closed one has answered is there.
            var row = await table.FindAsync(session, cancel).ConfigureAwait(false);
            if (await table.AnswerAsync(session, file, cancel).ConfigureAwait(false) is { } answer)
            {
                return answer.Refused is { } why ? throw new IOException($"the desktop did not take the file: {why}")
                    : (answer.Size, answer.Digest) == (sealing.Size, sealing.Sha256.ToString()) ? new SessionFile(name, sealing.Size, sealing.Sha256)
                    : throw new IOException("the desktop sealed other bytes than it was given");
            }

            if (row is not { Closed: false })
                return null;

            if (clock.GetElapsedTime(begun) >= Patience)
                throw new IOException("the desktop does not answer");
        }
    }

    /// <summary>What the agent fetches.</summary>
    /// <exception cref="FaultException">NotFound.</exception>
    public async Task<Stream> OpenAsync(DepositId session, string file, CancellationToken cancel)
        => File().IsMatch(file) && await recordings.Of(session).OpenAsync(Names.UploadOf(file), 0, cancel).ConfigureAwait(false) is { } stream
            ? stream : throw NotFound();

    /// <summary>Takes its answer. The first counts.</summary>
    /// <exception cref="FaultException">NotFound; Malformed.</exception>
    public async Task AnswerAsync(DepositId session, string file, UploadAnswer answer, CancellationToken cancel)
    {
        if (answer is not ({ Refused: null, Size: >= 0, Digest: not null } or { Refused.Length: > 0 and <= MaxRefusal, Size: null, Digest: null }))
            throw new FaultException(Fault.Malformed, $"an answer has size and digest, or refused with at most {MaxRefusal} characters");

        if (!File().IsMatch(file) || !await recordings.Of(session).HasAsync(Names.UploadOf(file), cancel).ConfigureAwait(false))
            throw NotFound();

        await table.AnswerAsync(session, file, answer, cancel).ConfigureAwait(false);
    }

    private static FaultException NotFound() => new(Fault.NotFound, "no file of that name is on its way");

    [GeneratedRegex(@"^[0-9a-f]{64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex File();
}

/// <summary>A stream that gives up where more comes than may.</summary>
internal sealed class BoundedStream(Stream inner, long most) : ForwardStream
{
    private long read;

    /// <exception cref="FaultException"><see cref="Fault.TooLarge"/>.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var some = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        return (read += some) <= most ? some : throw new FaultException(Fault.TooLarge, $"a file has at most {most} bytes");
    }
}
