using Azure.Data.Tables;

namespace Notary.Bench;

/// <summary>Digest deposits through the app, against the table transactions they need, straight to the same Azurite.</summary>
internal static class DigestBench
{
    /// <summary>Azurite slows down with what it holds: few deposits, and a new account for every run.</summary>
    private const int Deposits = 400;

    /// <summary>Repetitions of one deposit, which leave nothing in storage: an app that has just started compiles while it works.</summary>
    private const int WarmUp = 2000;

    public static async Task<IReadOnlyList<Figure>> RunAsync()
    {
        await using var platform = await Platform.StartAsync(new PlatformOptions());
        TableEntity? model = null;
        return [await Pairs.MeasureAsync(
            "digest deposits", "one transaction of the same three rows each, by the same table client straight to the same Azurite", 0.6, "deposits/s",
            async () =>
            {
                await using var app = await BenchApp.StartAsync(platform);
                await Deposit.AgainAsync(app.Tenant);
                await Load.RunAsync(WarmUp, () => Deposit.AgainAsync(app.Tenant));
                var rate = await Load.RunAsync(Deposits, () => Deposit.DigestAsync(app.Tenant));
                model = await CheckAsync(app.Storage, Deposits + 1);
                return rate;
            },
            async () =>
            {
                var storage = StorageAccount.Open(
                    new StorageOptions { ConnectionString = platform.Azurite.ConnectionStringFor(platform.Azurite.NewAccount()) });
                var table = storage.Table(Names.Deposits);
                await table.CreateIfNotExistsAsync();
                await table.SubmitTransactionAsync(Rows.OfDigest(model));
                return await Load.RunAsync(Deposits, () => table.SubmitTransactionAsync(Rows.OfDigest(model)));
            },
            $"{Deposits} deposits over HTTP by {Load.Concurrency} clients at once, acknowledged; the log is sequenced meanwhile")];
    }

    /// <summary>What was acknowledged is there.</summary>
    /// <returns>One deposit's row, as a model for the peer's.</returns>
    private static async Task<TableEntity> CheckAsync(StorageAccount storage, int expected)
    {
        TableEntity? row = null;
        var count = 0;
        await foreach (var entity in storage.Table(Names.Deposits)
            .QueryAsync($"RowKey ge '{DepositKeys.DepositsFrom("firm")}' and RowKey lt '{DepositKeys.DepositsTo("firm")}'"))
        {
            row = entity;
            count++;
        }

        return count == expected ? row! : throw new InvalidOperationException($"{expected} deposits were acknowledged and {count} are stored");
    }
}
