using System.Diagnostics.Metrics;

namespace Notary.Deposits.Tests;

/// <summary>Storage calls of one flow: tests beside it have their own.</summary>
internal static class CallCount
{
    private static readonly AsyncLocal<int[]?> Counted = new();
    private static readonly MeterListener Listener = Listen();

    /// <summary>Counts from here on; the count is the one element.</summary>
    public static int[] Begin()
    {
        GC.KeepAlive(Listener);
        return Counted.Value = [0];
    }

    private static MeterListener Listen()
    {
        var made = new MeterListener
        {
            InstrumentPublished = (instrument, on) =>
            {
                if (instrument.Meter.Name == StorageAccount.MeterName)
                    on.EnableMeasurementEvents(instrument);
            },
        };
        made.SetMeasurementEventCallback<long>((_, sent, _, _) =>
        {
            if (Counted.Value is { } here)
                Interlocked.Add(ref here[0], (int)sent);
        });
        made.Start();
        return made;
    }
}
