// Scenarios mostly wait.
[assembly: Parallelize(Scope = ExecutionScope.MethodLevel, Workers = 3)]

namespace Notary.EndToEnd.Tests;

/// <summary>One storage server for all scenarios, each with an account of its own in it: three processes fewer to start for each.</summary>
[TestClass]
public static class Shared
{
    public static Azurite Azurite { get; private set; } = null!;

    [AssemblyInitialize]
    public static async Task StartAsync(TestContext context) => Azurite = await Azurite.StartAsync(cancel: context.CancellationToken);

    [AssemblyCleanup]
    public static async Task StopAsync() => await Azurite.DisposeAsync();
}
