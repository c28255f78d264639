namespace Notary.Host.Tests;

/// <summary>The servers that all tests of this assembly share: storage for everyone, and one whole platform with an app on it.</summary>
[TestClass]
public static class Fixture
{
    private static readonly SemaphoreSlim One = new(1, 1);
    private static Platform? platform;
    private static TestApp? whole;

    public static Azurite Storage { get; private set; } = null!;

    [AssemblyInitialize]
    public static async Task StartAsync(TestContext context) => Storage = await Azurite.StartAsync(cancel: context.CancellationToken);

    [AssemblyCleanup]
    public static async Task StopAsync()
    {
        if (whole is not null)
            await whole.DisposeAsync();

        if (platform is not null)
            await platform.DisposeAsync();

        await Storage.DisposeAsync();
    }

    /// <summary>Real storage, chain, vault and authorities.</summary>
    public static async Task<Platform> PlatformAsync()
    {
        await One.WaitAsync();
        try
        {
            return platform ??= await Platform.StartAsync(new PlatformOptions { Azurite = Storage });
        }
        finally
        {
            One.Release();
        }
    }

    /// <summary>The app on <see cref="PlatformAsync"/>.</summary>
    public static async Task<TestApp> WholeAppAsync()
    {
        var on = await PlatformAsync();
        await One.WaitAsync();
        try
        {
            return whole ??= await TestApp.StartOnAsync(on, replace: TestTasks.Add);
        }
        finally
        {
            One.Release();
        }
    }
}
