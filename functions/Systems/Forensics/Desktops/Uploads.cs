using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Notary.Forensics.Desktops;

/// <summary>A file that is to be sealed.</summary>
/// <param name="Staged">Its name beside the recording's folder.</param>
/// <param name="Name">As people know it.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Digest">SHA-256.</param>
internal sealed record StagedFile(string Staged, string Name, long Size, Digest Digest);

/// <summary>Files that an agent was told of, by their keys, and its answers to them. An agent lives no longer than this memory.</summary>
/// <param name="tell">Says a line to the agent; false when it has gone.</param>
internal sealed class Uploads(Func<string, Task<bool>> tell)
{
    /// <summary>What an answer takes at most: the file is copied and made durable before.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<string, TaskCompletionSource<SessionFile?>> asked = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (StagedFile File, Task<SessionFile?> Sealed)> keys = new(StringComparer.Ordinal);
    private (int Files, long Bytes) taken;

    /// <returns>What was sealed; null when the agent has gone.</returns>
    /// <exception cref="TimeoutException">It does not answer.</exception>
    /// <exception cref="IOException">It could not take the file.</exception>
    public Task<SessionFile?> PutAsync(StagedFile file, string? key)
    {
        lock (keys)
        {
            if (key is not null && keys.TryGetValue(key, out var first) && !first.Sealed.IsFaulted)
                return (first.File.Name, first.File.Digest) == (file.Name, file.Digest) ? first.Sealed
                    : throw new FaultException(Fault.IdempotencyConflict, "this idempotency key was used for another file");

            if (taken.Files == SessionLimits.MaxFiles || taken.Bytes + file.Size > SessionLimits.MaxFileBytes)
                throw new FaultException(Fault.SessionState,
                    $"a session takes at most {SessionLimits.MaxFiles} files with {SessionLimits.MaxFileBytes} bytes together");

            taken = (taken.Files + 1, taken.Bytes + file.Size);
            var task = SealAsync(file);
            if (key is not null)
                keys[key] = (file, task);

            return task;
        }
    }

    /// <summary>Takes an agent's line that answers: <c>{"kind":"uploaded","file","size","digest"}</c>, or with <c>refused</c>.</summary>
    public void Hear(JsonObject said)
    {
        if ((string?)said["kind"] != "uploaded" || (string?)said["file"] is not { } staged || !asked.TryRemove(staged, out var waiting))
            return;

        if (said["size"] is { } size && Digest.TryParse((string?)said["digest"], out var digest))
            waiting.TrySetResult(new SessionFile("", (long)size, digest));
        else
            waiting.TrySetException(new IOException($"the desktop did not take the file: {(string?)said["refused"]}"));
    }

    /// <summary>The agent has gone: nobody answers any more.</summary>
    public void End()
    {
        foreach (var (staged, waiting) in asked)
        {
            asked.TryRemove(staged, out _);
            waiting.TrySetResult(null);
        }
    }

    private async Task<SessionFile?> SealAsync(StagedFile file)
    {
        var mine = asked[file.Staged] = new TaskCompletionSource<SessionFile?>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!await tell($"upload {file.Staged} {file.Name}").ConfigureAwait(false))
            mine.TrySetResult(null);

        var done = await mine.Task.WaitAsync(Patience).ConfigureAwait(false);
        return done is null ? null : done with { Name = file.Name };
    }
}
