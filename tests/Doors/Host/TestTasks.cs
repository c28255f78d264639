using Microsoft.DurableTask;
using Notary.Orchestration;

namespace Notary.Host.Tests;

/// <summary>Orchestrations of the tests' own beside the app's: one that waits for ever, one that always fails.</summary>
internal static class TestTasks
{
    public static void Add(IServiceCollection services) => services.Configure<DurableTaskRegistry>(registry => registry
        .AddOrchestratorFunc("idle", context => context.WaitForExternalEvent<object?>("never"))
        .AddOrchestratorFunc("failing", _ => Task.FromException(new InvalidOperationException("it always does"))));

    /// <summary>Starts one and waits until it stands.</summary>
    public static async Task<string> StartAsync(TestApp app, string kind)
    {
        var id = Guid.NewGuid().ToString();
        Assert.IsTrue(await app.Services.GetRequiredService<DurableDoor>().StartAsync(kind, $"{kind}-{id}", "", CancellationToken.None));
        await UntilAsync(app, $"/v1/processes/{kind}/{id}", kind == "idle" ? "Running" : "Failed");
        return id;
    }

    /// <summary>What is asked of an orchestration happens a moment later.</summary>
    public static async Task UntilAsync(TestApp app, string path, string status)
    {
        for (var until = TimeProvider.System.GetTimestamp(); ; await Task.Delay(100))
        {
            var answer = await app.GetAsync(path, app.Operator);
            if (answer.Status is 200 or 202 && answer.Json.GetProperty("runtimeStatus").GetString() == status)
                return;

            Assert.IsLessThan(TimeSpan.FromMinutes(3), TimeProvider.System.GetElapsedTime(until), $"{path} is not {status}: {answer.Text}");
        }
    }
}
