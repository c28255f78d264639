namespace Notary.Lotteries;

/// <summary>Names of this room's orchestration and activity.</summary>
public static class DrawTasks
{
    /// <summary>Orchestration of one draw.</summary>
    public const string Draw = "draw";

    internal const string Advance = "advance-draw";

    /// <summary>The instance about a draw.</summary>
    public static string Instance(Digest id) => $"{Draw}-{id}";

    /// <summary>Tells the registry what there is.</summary>
    public static void Add(DurableTaskRegistry registry)
    {
        registry.AddOrchestrator<DrawOrchestrator>(Draw);
        registry.AddActivity<AdvanceDraw>(Advance);
    }
}

/// <summary>Hands out what the activity works with, once it is open.</summary>
public sealed class DrawWorkDoor(Func<CancellationToken, ValueTask<DrawWork?>> open)
{
    /// <exception cref="FaultException">What stands in the way of opening; also that draws are switched off.</exception>
    public async ValueTask<DrawWork> OpenAsync(CancellationToken cancel)
        => await open(cancel).ConfigureAwait(false) ?? throw new FaultException(Fault.ChainUnreachable, "draws are switched off here");
}
