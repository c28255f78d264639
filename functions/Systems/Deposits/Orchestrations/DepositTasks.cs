using System.Diagnostics;

namespace Notary.Deposits;

/// <summary>Names of this room's orchestrations and activities. A change that a running instance would not survive takes the next number and keeps the
/// old class until none runs.</summary>
public static class DepositTasks
{
    /// <summary>Orchestration of one checkpoint.</summary>
    public const string Checkpoint = "checkpoint";

    /// <summary>Orchestration of the letters that were asked for one by one.</summary>
    public const string Letters = "letters";

    internal const string Stamp = "stamp-checkpoint";
    internal const string Anchor = "anchor-checkpoint";
    internal const string Issue = "issue-letters";
    internal const string Settle = "settle-anchor";
    internal const string Requested = "issue-requested";

    /// <summary>The only instance of <see cref="Letters"/>.</summary>
    public const string LettersInstance = "letters-requested";

    /// <summary>The instance about a checkpoint.</summary>
    public static string CheckpointInstance(long size) => $"{Checkpoint}-{DepositKeys.Size(size)}";

    /// <summary>Tells the registry what there is.</summary>
    public static void Add(DurableTaskRegistry registry)
    {
        registry.AddOrchestrator<CheckpointOrchestrator>(Checkpoint);
        registry.AddOrchestrator<LettersOrchestrator>(Letters);
        registry.AddActivity<StampCheckpoint>(Stamp);
        registry.AddActivity<AnchorCheckpoint>(Anchor);
        registry.AddActivity<IssueLetters>(Issue);
        registry.AddActivity<SettleAnchor>(Settle);
        registry.AddActivity<IssueRequested>(Requested);
    }
}

/// <summary>Hands out what the activities work with, once it is open.</summary>
public sealed class DepositWorkDoor(Func<CancellationToken, ValueTask<DepositWork>> open)
{
    internal static readonly ActivitySource Source = new("Notary.Deposits");

    /// <summary>Takes one step with what is behind the door.</summary>
    internal Task<T> TakeAsync<T>(TaskActivityContext context, Func<DepositWork, CancellationToken, Task<T>> take, Func<Step, T> otherwise) where T : Step
        => Taking.RunAsync(context, Source,
            async cancel => await take(await open(cancel).ConfigureAwait(false), cancel).ConfigureAwait(false), otherwise);
}

/// <summary>What the activities work with.</summary>
public sealed record DepositWork(CheckpointWork Checkpoints, LetterWork Letters);
