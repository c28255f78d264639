namespace Notary.Storage.Tests;

/// <summary>One Azurite for this assembly; each test takes an account of its own.</summary>
[TestClass]
public static class Shared
{
    private static Azurite? azurite;

    public static Azurite Azurite => azurite ?? throw new InvalidOperationException("not started");

    [AssemblyInitialize]
    public static async Task StartAsync(TestContext context) => azurite = await Azurite.StartAsync(cancel: context.CancellationToken);

    [AssemblyCleanup]
    public static async Task StopAsync() => await Azurite.DisposeAsync();

    public static StorageOptions NewAccount() => new() { ConnectionString = Azurite.ConnectionStringFor(Azurite.NewAccount()) };
}
