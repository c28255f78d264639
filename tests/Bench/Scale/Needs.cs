namespace Notary.Bench.Scale;

/// <summary>Looks for the most that a shape takes, and for the least shape that takes so much.</summary>
internal static class Needs
{
    /// <summary>How much of a resource is planned for: the rest is for what comes in heaps.</summary>
    private const double Planned = 0.6;

    /// <summary>Steps of the search: the answer is within a few percent.</summary>
    private const int Steps = 7;

    /// <summary>Entities that a deposit writes to its partition: at intake, with its index, and with tokens and letter.</summary>
    private static double Entities(Offer offer)
        => (offer.Items > 0 ? BatchModel.IntakeRows + 4 : DepositModel.IntakeRows) + (offer.Letter ? 4 : 2);

    /// <summary>The highest rate at which a shape keeps up, to two digits.</summary>
    public static double Most(Offer offer, Shape shape, double low, double high, Times? times = null)
    {
        for (var step = 0; step < Steps; step++)
        {
            var middle = Math.Sqrt(low * high);
            if (DepositModel.Run(offer with { PerSecond = middle }, shape, times).KeepsUp)
                low = middle;
            else
                high = middle;
        }

        return Round(low);
    }

    /// <summary>Rounded down to two digits.</summary>
    public static double Round(double value)
    {
        var digit = Math.Pow(10, Math.Floor(Math.Log10(value)) - 1);
        return Math.Floor(value / digit) * digit;
    }

    /// <summary>What takes a rate: counted from what each deposit needs, then run, and grown until it keeps up.</summary>
    public static (Shape Shape, Outcome Outcome) For(Offer offer)
    {
        var times = new Times();
        int Of(double demand, double each) => Math.Max(1, (int)Math.Ceiling(demand / each / Planned));
        var rate = offer.PerSecond;
        var requests = rate * (1.1 + (offer.File ? 1 : 0) + (offer.Letter ? 1.3 : 0) + (offer.Items > 0 ? BatchModel.Requests(offer.Items) : 0));
        var bytes = rate * offer.Items * (Measured.LineBytes + Measured.TreeBytes + Measured.IndexBytes) / 1024 / 1024;
        var partitions = Math.Max(16, Power(Of(rate * Entities(offer), Published.PartitionEntities)));
        var shape = new Shape
        {
            Partitions = partitions,
            Sequencers = Power((int)Math.Ceiling(rate / OneSequencer)),
            Accounts = Math.Max(Of(requests, Published.AccountRequests), Of(bytes, Published.AccountIngressMiB)),
            Vaults = offer.Letter ? Of(rate, Published.VaultSignatures) : 1,
            HttpInstances = Math.Max(Of(rate * offer.Processor(times), Published.InstanceCores),
                offer.Items > 0 ? Of(rate * BatchModel.Seconds(times, offer.Items), BatchModel.AtOnce) : 1),
            DurableInstances = offer.Letter ? Of(rate * times.Letter, Published.InstanceCores) : 1,
        };
        while (true)
        {
            // Where one partition of a tenant's does not do, rows go by deposit and no longer by tenant.
            shape = shape with { Spread = shape.Partitions > 16 || offer.Tenants == 1 ? shape.Partitions : 1 };
            var outcome = DepositModel.Run(offer, shape);
            if (outcome.KeepsUp)
                return (shape, outcome);

            shape = shape with { Sequencers = shape.Sequencers * 2, Partitions = Math.Max(shape.Partitions, shape.Sequencers * 2) };
            if (shape.Sequencers > 256)
                throw new InvalidOperationException($"no shape keeps up with {rate} a second");
        }
    }

    /// <summary>About what one sequencer takes: where the search begins.</summary>
    private const double OneSequencer = 2_400;

    private static int Power(int least) => (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)least);
}
