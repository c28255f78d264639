namespace Notary.Orchestration;

/// <summary>A task's name that this build does not know: its version was taken out, or a newer build began it.</summary>
public sealed class UnknownTaskException(string name) : Exception($"no task {name} is known to this build");

/// <summary>Ends such an instance as failed, visibly; what it was about is started anew from the rows, under the name of today.</summary>
internal sealed class UnknownOrchestrator : TaskOrchestrator<object?, object?>
{
    public override Task<object?> RunAsync(TaskOrchestrationContext context, object? input) => throw new UnknownTaskException(context.Name);
}

internal sealed class UnknownActivity : TaskActivity<object?, object?>
{
    public override Task<object?> RunAsync(TaskActivityContext context, object? input) => throw new UnknownTaskException(context.Name);
}
