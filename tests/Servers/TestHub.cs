using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Notary.Orchestration;
using Notary.Storage;

namespace Notary.Servers;

/// <summary>The one-machine engine with tasks of a test's own, on a real storage account.</summary>
public sealed class TestHub : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private readonly IHost host;

    private TestHub(IHost host) => this.host = host;

    /// <summary>To this hub.</summary>
    public DurableDoor Door => host.Services.GetRequiredService<DurableDoor>();

    /// <summary>Starts a worker and waits until it is at work.</summary>
    public static async Task<TestHub> StartAsync(StorageAccount storage, Action<DurableTaskRegistry> tasks, Action<IServiceCollection>? more = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging().AddSingleton(TimeProvider.System).AddSingleton(storage).AddSingleton<TaskHub>().AddSingleton<DurableDoor>();
        builder.Services.AddDurableTaskWorker(worker => worker.AddTasks(tasks).UseBuildTarget<InProcessTaskWorker>());
        more?.Invoke(builder.Services);
        var hub = new TestHub(builder.Build());
        await hub.host.StartAsync();
        using var over = new CancellationTokenSource(Patience);
        while (!hub.Door.IsOpen)
            await Task.Delay(Look, over.Token);

        return hub;
    }

    /// <summary>Looks until an instance is as it should be.</summary>
    /// <exception cref="TimeoutException">It never was; the message tells what it was last.</exception>
    public async Task<OrchestrationMetadata> UntilAsync(string instanceId, Func<OrchestrationMetadata, bool> isRight)
    {
        using var over = new CancellationTokenSource(Patience);
        for (OrchestrationMetadata? last = null; ;)
        {
            if (over.IsCancellationRequested)
                throw new TimeoutException($"{instanceId} is {last?.RuntimeStatus.ToString() ?? "missing"}, {last?.SerializedCustomStatus}");

            if ((last = await Door.Client.GetInstanceAsync(instanceId, getInputsAndOutputs: true, CancellationToken.None)) is not null && isRight(last))
                return last;

            await Task.Delay(Look, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        host.Dispose();
    }
}
