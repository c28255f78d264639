using Notary.Forensics.Desktops;

namespace Notary.Forensics.Agents;

/// <summary>A recording in storage. Its chain is opened where a piece of it begins: at its first byte, or where a reading of it ended.</summary>
internal sealed class StoredRecording(RecordingStore recordings, DepositId session) : IRecording
{
    /// <remarks>By the chain: what came later than its end, or without a link, is none of the recording.</remarks>
    public async Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancel)
    {
        var store = await recordings.ReaderAsync(session, cancel).ConfigureAwait(false);
        var there = (await store.ListAsync(Names.RecordingPrefix(session), cancel).ConfigureAwait(false))
            .Select(blob => blob.Name[Names.RecordingPrefix(session).Length..]).ToHashSet(StringComparer.Ordinal);
        await using var chain = await ChainAsync(store, session, 0, cancel).ConfigureAwait(false);
        using var lines = new MemoryStream();
        await chain.CopyToAsync(lines, cancel).ConfigureAwait(false);
        var named = SealedLines.Links(lines.ToArray()).SelectMany(LinkFiles.Of);
        return
        [
            .. lines.Length > 0 ? (string[])[ForensicsFormat.ChainFile] : [],
            .. named.Where(there.Contains).Distinct(),
            .. there.Where(name => name.StartsWith("heads/", StringComparison.Ordinal)),
        ];
    }

    public async Task<bool> HasAsync(string name, CancellationToken cancel)
        => await (await recordings.ReaderAsync(session, cancel).ConfigureAwait(false)).ExistsAsync(BlobOf(name), cancel).ConfigureAwait(false);

    public async Task<Stream?> OpenAsync(string name, long offset, CancellationToken cancel)
    {
        var store = await recordings.ReaderAsync(session, cancel).ConfigureAwait(false);
        if (name == ForensicsFormat.ChainFile)
            return await ChainAsync(store, session, offset, cancel).ConfigureAwait(false);

        try
        {
            return await store.OpenReadAsync(BlobOf(name), offset, cancel: cancel).ConfigureAwait(false);
        }
        catch (FaultException e) when (e.Fault == Fault.NotFound)
        {
            return null;
        }
    }

    public async Task WriteAsync(string name, byte[] bytes, CancellationToken cancel)
    {
        var store = await recordings.WriterAsync(session, cancel).ConfigureAwait(false);
        try
        {
            await store.WriteAsync(BlobOf(name), new MemoryStream(bytes), cancel: cancel).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (StorageFailure.IsConflict(e))
        {
            // Written once: what is written here again is as good.
        }
    }

    /// <summary>The chain from a piece's first byte on, as far as it goes.</summary>
    public static async Task<Stream> ChainAsync(OriginalStore store, DepositId session, long offset, CancellationToken cancel)
    {
        var lines = new MemoryStream();
        for (long at = 0; ; at = lines.Length)
        {
            try
            {
                await using var piece = await store.OpenReadAsync(Names.RecordingPiece(session, offset + at), cancel: cancel).ConfigureAwait(false);
                await piece.CopyToAsync(lines, cancel).ConfigureAwait(false);
            }
            catch (FaultException e) when (e.Fault == Fault.NotFound)
            {
                // So far it goes.
            }

            if (lines.Length == at || offset + lines.Length > ForensicsFormat.MaxChain)
            {
                lines.Position = 0;
                return lines;
            }
        }
    }

    private string BlobOf(string name) => Names.RecordingBlob(session, name);
}
