namespace Notary.Bench.Scale;

/// <summary>What a million cost by list prices, in dollars.</summary>
internal sealed record Cost(double Tables, double Blobs, double Vault, double Compute, double MonthlyStorage)
{
    private const double Million = 1_000_000;

    /// <summary>Part of an instance's processors that does work while it is paid for.</summary>
    private const double Used = 0.6;

    private const double GB = 1024 * 1024 * 1024;

    /// <summary>Once, without what is kept.</summary>
    public double Once => Tables + Blobs + Vault + Compute;

    /// <summary>Of a million deposits, by what a run of the model made; of batches, of a million items.</summary>
    public static Cost Of(Offer offer)
    {
        var (times, outcome) = (new Times(), DepositModel.Run(offer, new Shape { Vaults = 4 }));
        var each = Million / outcome.Deposits / (offer.Items > 0 ? offer.Items : 1);
        double Calls(params Call[] kinds) => kinds.Sum(kind => outcome.Calls[(int)kind]);
        var seconds = outcome.Deposits * (offer.Processor(times) + (offer.Letter ? times.Letter : 0)) / Published.InstanceCores / Used;
        var kept = offer.Items > 0 ? offer.Items * (Measured.LineBytes + Measured.TreeBytes + Measured.IndexBytes)
            : (offer.File ? Measured.FileBytes : 0) + (offer.Letter ? Measured.LetterBytes : 0);
        return new Cost(
            outcome.Entities * Prices.TableOperation * each,
            ((Calls(Call.Original, Call.Stage, Call.Tile, Call.Note, Call.LetterBlob, Call.Block, Call.Commit, Call.Index) * Prices.BlobWrite)
                + (Calls(Call.TileRead, Call.StageRead) * Prices.BlobRead)) * each,
            outcome.VaultOperations * Prices.VaultOperation * each,
            ((seconds * Published.InstanceGB * Prices.GBSecond) + (outcome.Deposits * Prices.Execution)) * each,
            outcome.Deposits * each * ((kept / GB * Prices.BlobGBMonth) + (Measured.RowBytes / GB * Prices.TableGBMonth)));
    }
}
