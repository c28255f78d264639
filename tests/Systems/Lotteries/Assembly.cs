// More than there are cores: lives of draws are waited for.
[assembly: Parallelize(Scope = ExecutionScope.MethodLevel, Workers = 5)]

namespace Notary.Lotteries.Tests;

/// <summary>One Azurite for the assembly; each bed takes an account of its own in it.</summary>
[TestClass]
public static class Shared
{
    public static Azurite Azurite { get; private set; } = null!;

    [AssemblyInitialize]
    public static async Task StartAsync(TestContext context) => Azurite = await Azurite.StartAsync(cancel: context.CancellationToken);

    [AssemblyCleanup]
    public static async Task StopAsync() => await Azurite.DisposeAsync();
}
