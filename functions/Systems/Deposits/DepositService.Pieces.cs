namespace Notary.Deposits;

public sealed partial class DepositService
{
    /// <summary>Deposits a file like <see cref="DepositFileAsync"/>, in pieces: one that was cut off goes on where it was last saved.</summary>
    /// <remarks>It is received when all of it is: that is when its digest was known.</remarks>
    /// <param name="tenant">Whose.</param>
    /// <param name="options">With an idempotency key that no deposit has.</param>
    /// <param name="source">The file.</param>
    /// <param name="progress">What was saved last, if anything.</param>
    /// <param name="save">Keeps how far it has come.</param>
    /// <param name="pieceBytes">Bytes of a piece.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="FaultException">As of <see cref="DepositFileAsync"/>; <see cref="Fault.TooLarge"/>; <see cref="Fault.StorageConflict"/>
    /// when the pieces are gone.</exception>
    internal async Task<ReceiptResult> DepositPiecesAsync(Tenant tenant, DepositOptions options, PieceSource source, byte[]? progress,
        Func<byte[], CancellationToken, Task> save, long pieceBytes, CancellationToken cancel)
    {
        DepositRules.Check(options);
        await DemandClockAsync(cancel).ConfigureAwait(false);
        using var write = await originals.OpenPiecesAsync(Names.OriginalBlob(DepositId.New(clock), 0), source, progress, cancel).ConfigureAwait(false);
        var original = await originals.WriteAsync(write, save,
            stored => CheckDigest(options.ContentDigest, stored.Sha256), tenant.Id, cancel, pieceBytes).ConfigureAwait(false);
        return await KeepAsync(tenant, DepositId.Parse(write.Name.Split('/')[0]), options, FileKind, [], clock.GetUtcNow(), original, cancel)
            .ConfigureAwait(false);
    }
}
