using System.Collections.Concurrent;
using Notary.Forensics.Desktops;

namespace Notary.Forensics.Agents;

/// <summary>
/// Recordings while they are made, encrypted like originals under a key of the session's own, each file once. A chain grows by pieces of whole lines,
/// each a blob that is named by the byte it begins at: of two that would come next one is first, and an empty one ends the chain for good.
/// </summary>
/// <remarks>A link is taken only when the files that it names are there: what is sealed survives the desktop.</remarks>
internal sealed class RecordingStore(OriginalStore store)
{
    /// <summary>Bytes of lines in one request: some thousand links.</summary>
    public const int MaxPiece = 1024 * 1024;

    /// <summary>Races lost in a row before giving up.</summary>
    private const int MaxAttempts = 10;

    // Where each chain ends, as far as this process knows: a wrong one is found out by the blob that is there already.
    private readonly ConcurrentDictionary<DepositId, long> ends = new();

    // What each session's blobs are read and written with, where this process has asked the vault.
    private readonly ConcurrentDictionary<DepositId, OriginalStore> groups = new();

    public IRecording Of(DepositId session) => new StoredRecording(this, session);

    /// <summary>Puts a file. The same bytes again are no error.</summary>
    /// <exception cref="FaultException">DigestMismatch; Conflict: it is there with other bytes.</exception>
    public async Task PutAsync(DepositId session, string name, Stream content, Digest announced, CancellationToken cancel)
    {
        var (blob, group) = (Names.RecordingBlob(session, name), await WriterAsync(session, cancel).ConfigureAwait(false));
        try
        {
            await group.WriteAsync(blob, content, stored =>
            {
                if (stored.Sha256 != announced)
                    throw new FaultException(Fault.DigestMismatch, "the file is another than its digest says");
            }, cancel: cancel).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (StorageFailure.IsConflict(e))
        {
            await using var there = await group.OpenReadAsync(blob, cancel: cancel).ConfigureAwait(false);
            if (new Digest(await SHA256.HashDataAsync(there, cancel).ConfigureAwait(false)) != announced)
                throw new FaultException(Fault.Conflict, $"{name} is there with other bytes");
        }
    }

    /// <summary>Keeps a file that is on its way to a desktop. The same bytes again are no error.</summary>
    /// <exception cref="FaultException">TooLarge; SessionState: there are too many; IdempotencyConflict: it is there with other bytes.</exception>
    public async Task<StoredOriginal> PutUploadAsync(DepositId session, string file, Stream content, CancellationToken cancel)
    {
        var group = await WriterAsync(session, cancel).ConfigureAwait(false);
        var blob = Names.RecordingBlob(session, Names.UploadOf(file));
        var all = await group.ListAsync(Names.RecordingBlob(session, Names.UploadsOfSession), cancel).ConfigureAwait(false);
        var others = all.Where(b => b.Name != blob).ToList();
        StoredOriginal? read = null;
        try
        {
            return await group.WriteAsync(blob, new BoundedStream(content, SessionLimits.MaxFile), stored =>
            {
                read = stored;
                if (others.Count >= SessionLimits.MaxFiles || others.Sum(b => b.Size) + stored.Size > SessionLimits.MaxFileBytes)
                    throw new FaultException(Fault.SessionState,
                        $"a session takes at most {SessionLimits.MaxFiles} files with {SessionLimits.MaxFileBytes} bytes together");
            }, cancel: cancel).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (StorageFailure.IsConflict(e) && read is not null)
        {
            await using var there = await group.OpenReadAsync(blob, cancel: cancel).ConfigureAwait(false);
            return new Digest(await SHA256.HashDataAsync(there, cancel).ConfigureAwait(false)) == read.Sha256 ? read
                : throw new FaultException(Fault.IdempotencyConflict, "this idempotency key was used for another file");
        }
    }

    /// <summary>Adds whole lines at a byte of the chain. What is there already is compared, so the same request again does nothing more.</summary>
    /// <returns>Bytes of the chain.</returns>
    /// <exception cref="FaultException">Malformed: no links; Conflict: not where it ends, other lines there, a file is missing, it has ended.</exception>
    public async Task<long> AppendAsync(DepositId session, long offset, byte[] lines, CancellationToken cancel)
    {
        if (lines is not [.., (byte)'\n'])
            throw new FaultException(Fault.Malformed, "a chain has whole lines, each ended by LF");

        if (offset + lines.Length > ForensicsFormat.MaxChain)
            throw new FaultException(Fault.TooLarge, $"a chain has at most {ForensicsFormat.MaxChain} bytes");

        foreach (var name in SealedLines.Links(lines).SelectMany(LinkFiles.Of))
        {
            if (!await store.ExistsAsync(Names.RecordingBlob(session, name), cancel).ConfigureAwait(false))
                throw new FaultException(Fault.Conflict, $"{name} is not there: files come before the links that name them");
        }

        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var end = attempt == 0 && ends.TryGetValue(session, out var known) ? known : await EndAsync(session, cancel).ConfigureAwait(false);
            if (offset > end)
                throw new FaultException(Fault.Conflict, $"the chain has {end} bytes");

            var there = (int)Math.Min(end - offset, lines.Length);
            if (there > 0 && !await StartsAsync(session, offset, lines.AsMemory(0, there), cancel).ConfigureAwait(false))
                throw new FaultException(Fault.Conflict, "the chain has other lines there");

            if (there == lines.Length || await TryAddAsync(session, end, lines.AsMemory(there), cancel).ConfigureAwait(false))
                return ends[session] = Math.Max(end, offset + lines.Length);

            ends.TryRemove(session, out _);
        }

        throw new FaultException(Fault.Conflict, "the chain has ended, or grows elsewhere");
    }

    /// <summary>Ends the chain: nothing is added from here on, whoever is writing it.</summary>
    public async Task FreezeAsync(DepositId session, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var (end, frozen) = await LookAsync(session, cancel).ConfigureAwait(false);
            if (frozen || await TryAddAsync(session, end, default, cancel).ConfigureAwait(false))
                return;
        }

        throw new FaultException(Fault.StorageConflict, "the chain grows faster than it can be ended");
    }

    public async Task DeleteAsync(DepositId session, CancellationToken cancel)
    {
        ends.TryRemove(session, out _);
        groups.TryRemove(session, out _);

        // Its key first: without it nothing of the rest can be read.
        await store.DeleteAsync(Names.RecordingKey(session), cancel).ConfigureAwait(false);
        foreach (var (name, _) in await store.ListAsync(Names.RecordingPrefix(session), cancel).ConfigureAwait(false))
            await store.DeleteAsync(name, cancel).ConfigureAwait(false);
    }

    /// <summary>Bytes of the chain, whether it has ended or not.</summary>
    public async Task<long> BytesAsync(DepositId session, CancellationToken cancel) => (await LookAsync(session, cancel).ConfigureAwait(false)).End;

    /// <summary>What the session's blobs are written with.</summary>
    public async Task<OriginalStore> WriterAsync(DepositId session, CancellationToken cancel)
        => groups.TryGetValue(session, out var known) ? known
            : groups[session] = await store.GroupAsync(Names.RecordingKey(session), cancel).ConfigureAwait(false);

    /// <summary>What they are read with: without a key of the session's own there are none, or they were written before sessions had one.</summary>
    public async Task<OriginalStore> ReaderAsync(DepositId session, CancellationToken cancel)
    {
        if (groups.TryGetValue(session, out var known))
            return known;

        return await store.FindGroupAsync(Names.RecordingKey(session), cancel).ConfigureAwait(false) is { } group ? groups[session] = group : store;
    }

    private async Task<bool> TryAddAsync(DepositId session, long at, ReadOnlyMemory<byte> lines, CancellationToken cancel)
    {
        var group = await WriterAsync(session, cancel).ConfigureAwait(false);
        try
        {
            await group.WriteAsync(Names.RecordingPiece(session, at), new MemoryStream(lines.ToArray()), cancel: cancel).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException e) when (StorageFailure.IsConflict(e))
        {
            return false;
        }
    }

    private async Task<long> EndAsync(DepositId session, CancellationToken cancel)
        => await LookAsync(session, cancel).ConfigureAwait(false) is (var end, false) ? end
            : throw new FaultException(Fault.Conflict, "the chain has ended");

    private async Task<(long End, bool Frozen)> LookAsync(DepositId session, CancellationToken cancel)
        => await store.ListAsync(Names.RecordingPieces(session), cancel).ConfigureAwait(false) is [.., var last]
            ? (OffsetOf(last.Name) + last.Size, last.Size == 0) : (0, false);

    private async Task<bool> StartsAsync(DepositId session, long offset, ReadOnlyMemory<byte> lines, CancellationToken cancel)
    {
        var before = (await store.ListAsync(Names.RecordingPieces(session), cancel).ConfigureAwait(false)).Select(piece => OffsetOf(piece.Name))
            .LastOrDefault(at => at <= offset);
        var reader = await ReaderAsync(session, cancel).ConfigureAwait(false);
        await using var chain = await StoredRecording.ChainAsync(reader, session, before, cancel).ConfigureAwait(false);
        var there = new byte[offset - before + lines.Length];
        return await chain.ReadAtLeastAsync(there, there.Length, throwOnEndOfStream: false, cancel).ConfigureAwait(false) == there.Length
            && there.AsSpan((int)(offset - before)).SequenceEqual(lines.Span);
    }

    private static long OffsetOf(string piece) => long.Parse(piece.AsSpan(piece.LastIndexOf('/') + 1), NumberStyles.None, CultureInfo.InvariantCulture);
}
