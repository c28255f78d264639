using Notary.Servers.Forensics;

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
        await Recordings.DisposeAsync();
    }

    /// <summary>Real storage, chain, vault and authorities.</summary>
    public static async Task<Platform> PlatformAsync()
    {
        await One.WaitAsync();
        try
        {
            return platform ??= await Platform.StartAsync(new PlatformOptions { Azurite = Storage, Draws = true });
        }
        finally
        {
            One.Release();
        }
    }

    /// <summary>Desktops by a program in an agent's place.</summary>
    private static void Desktops(Dictionary<string, string?> variables)
    {
        variables["Notary__Forensics__Agent"] = Path.Combine(AppContext.BaseDirectory, "Notary.Servers");
        variables["Notary__Forensics__Folder"] = Recordings.FullName;
    }

    private static DesktopFolder Recordings { get; } = new();

    /// <summary>The app on <see cref="PlatformAsync"/>.</summary>
    public static async Task<TestApp> WholeAppAsync()
    {
        var on = await PlatformAsync();
        await One.WaitAsync();
        try
        {
            return whole ??= await TestApp.StartOnAsync(on, Desktops, TestTasks.Add);
        }
        finally
        {
            One.Release();
        }
    }
}
