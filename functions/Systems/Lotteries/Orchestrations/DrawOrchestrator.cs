using System.Diagnostics;

namespace Notary.Lotteries;

/// <summary>How far a draw has come without waiting.</summary>
public sealed record DrawStep : AdvanceStep;

/// <summary>A draw from its publication to its certificate, or to its abort. What comes next stands in its row (<see cref="DrawWork"/>).</summary>
public sealed class DrawOrchestrator() : AdvanceOrchestrator<string, DrawStep>(DrawTasks.Advance);

/// <summary>Takes a draw on as far as the way is free. Input: its id.</summary>
public sealed class AdvanceDraw(DrawWorkDoor door) : TaskActivity<string, DrawStep>
{
    private static readonly ActivitySource Source = new("Notary.Lotteries");

    public override Task<DrawStep> RunAsync(TaskActivityContext context, string input) => Taking.RunAsync(context, Source,
        async cancel => await (await door.OpenAsync(cancel).ConfigureAwait(false)).AdvanceAsync(Digest.Parse(input), cancel).ConfigureAwait(false),
        step => new DrawStep { Code = step.Code, Why = step.Why, Person = step.Person });
}
