using DurableTask.Core;
using Microsoft.DurableTask.Worker;
using Microsoft.DurableTask.Worker.Hosting;
using Microsoft.DurableTask.Worker.Shims;

namespace Notary.Orchestration;

/// <summary>Runs the registered orchestrators and activities on one machine, as the DurableTask extension does in Functions.</summary>
/// <remarks>Parent instances are not told: no orchestrator of ours asks for its parent.</remarks>
public sealed partial class InProcessTaskWorker(
    string name, IDurableTaskFactory factory, TaskHub hub, DurableDoor door, IServiceProvider services, ILoggerFactory logs, TimeProvider clock)
    : DurableTaskWorker(name, factory)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var log = logs.CreateLogger<InProcessTaskWorker>();
        var shims = new DurableTaskShimFactory(null, logs);
        using var worker = new TaskHubWorker(
            hub.Service,
            new Objects<TaskOrchestration>((task, _) => shims.CreateOrchestration(
                task, Factory.TryCreateOrchestrator(task, services, out var known) ? known : new UnknownOrchestrator())),
            new Objects<TaskActivity>(
                (task, _) => shims.CreateActivity(task, Factory.TryCreateActivity(task, services, out var known) ? known : new UnknownActivity())),
            logs)
        { ErrorPropagationMode = ErrorPropagationMode.UseFailureDetails };
        while (!await OpenAsync(worker, log, stoppingToken).ConfigureAwait(false))
            await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(false);

        door.Offer(hub.Client());
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, clock, stoppingToken).ConfigureAwait(false);
        }
        finally
        {
            // Forced: everything survives a kill, so there is nothing to wait for.
            await worker.StopAsync(isForced: true).ConfigureAwait(false);
        }
    }

    private static async Task<bool> OpenAsync(TaskHubWorker worker, ILogger log, CancellationToken cancel)
    {
        try
        {
            await worker.StartAsync().ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            Log.NotYet(log, e.Message);
            return false;
        }
    }

    /// <summary>Looks tasks up by name. Never null and never throws: an exception here would hold up unrelated work for tens of seconds.</summary>
    private sealed class Objects<T>(Func<TaskName, string?, T> find) : INameVersionObjectManager<T>
    {
        public void Add(ObjectCreator<T> creator) => throw new InvalidOperationException("tasks come from the registry");

        public T GetObject(string name, string? version) => find(name, version);
    }

    private static partial class Log
    {
        [LoggerMessage(4007, LogLevel.Warning, "the task hub is not open yet: {Reason}")]
        public static partial void NotYet(ILogger log, string reason);
    }
}
