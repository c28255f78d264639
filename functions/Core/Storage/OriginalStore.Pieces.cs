using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Notary.Storage;

public sealed partial class OriginalStore
{
    /// <summary>Bytes after which a write in pieces can go on elsewhere: what a kill costs again, against a write of a row for each.</summary>
    public const long PieceBytes = 64 * 1024 * 1024;

    /// <summary>Writes in pieces at once, one of each owner, beside the other large uploads: they last for minutes, and a body that comes by HTTP must not
    /// wait for them. Each holds two buffers of 8 MiB for each block on its way.</summary>
    private const int PieceWrites = 2, PieceWritesOfOne = 1;

    /// <summary>A write that another process can go on with: where it was, if its progress is whole and the source the same, else from the beginning.</summary>
    /// <param name="newName">The blob, where it begins.</param>
    /// <param name="source">What is written.</param>
    /// <param name="progress">What was saved last; null at first.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="FaultException">TooLarge; what the key throws.</exception>
    public async Task<PieceWrite> OpenPiecesAsync(string newName, PieceSource source, byte[]? progress, CancellationToken cancel)
        => progress is not null && await PieceProgress.FindAsync(progress, source, resolver, cancel) is var (found, kept)
            ? PieceWrite.Resume(found, kept, source)
            : PieceWrite.Begin(newName, await RegionKey.MakeAsync(key, wrapAlgorithm, cancel), source, options.UploadBlockBytes);

    /// <summary>Like <see cref="WriteAsync"/>, from where it was, and saving where it is.</summary>
    /// <param name="write">From <see cref="OpenPiecesAsync"/>.</param>
    /// <param name="save">Called after each piece, when all of it is staged; what it throws ends the write and comes out unchanged.</param>
    /// <param name="accept">Called with digest and size before anything is committed.</param>
    /// <param name="owner">Kept with the blob.</param>
    /// <param name="cancel">Stops; nothing becomes visible.</param>
    /// <param name="pieceBytes">Bytes of a piece.</param>
    /// <exception cref="RequestFailedException">409: a blob of that name exists, and this write did not make it. What the source throws.</exception>
    /// <exception cref="FaultException">StorageUnavailable; StorageConflict: blocks that were staged are gone, and it has to begin anew.</exception>
    public async Task<StoredOriginal> WriteAsync(PieceWrite write, Func<byte[], CancellationToken, Task> save, Action<StoredOriginal> accept, string owner,
        CancellationToken cancel, long pieceBytes = PieceBytes)
    {
        using var slot = await pieceSlots.EnterAsync(owner, cancel);
        var concurrency = pieceSlots.Taken < CrowdedFrom ? options.UploadConcurrency : Math.Min(2, options.UploadConcurrency);
        var blob = container.GetBlockBlobClient(write.Name);
        var (stored, blocks) = await write.StageAsync(blob, concurrency, pieceBytes, save, cancel);
        accept(stored);
        try
        {
            await blob.CommitBlockListAsync(blocks, new CommitBlockListOptions
            {
                Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All },
                Metadata = new Dictionary<string, string>
                {
                    [RegionKey.Metadata] = write.Encryption, [WriteMetadata] = write.Write, [OwnerMetadata] = owner,
                },
            }, cancel);
        }
        catch (Exception failure) when (StorageFailure.Is(failure, cancel))
        {
            // Committed unseen, by this try or by the one before the process ended.
            if (await IsOursAsync(write.Name, write.Write, cancel))
                return stored;

            throw failure is RequestFailedException { ErrorCode: "InvalidBlockList" }
                ? new FaultException(Fault.StorageConflict, "blocks that were staged are gone; it begins anew", failure)
                : StorageFailure.IsConflict(failure) ? failure : StorageFailure.ToFault(failure);
        }

        return stored;
    }
}
