using Notary.Servers;

namespace Notary.Host.Tests;

/// <summary>The servers that all tests of this assembly share; each app takes an account of its own.</summary>
[TestClass]
public static class Fixture
{
    public static Azurite Storage { get; private set; } = null!;

    [AssemblyInitialize]
    public static async Task StartAsync(TestContext context) => Storage = await Azurite.StartAsync(cancel: context.CancellationToken);

    [AssemblyCleanup]
    public static async Task StopAsync() => await Storage.DisposeAsync();
}
