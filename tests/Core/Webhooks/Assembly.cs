[assembly: Parallelize(Scope = ExecutionScope.MethodLevel, Workers = 2)]

namespace Notary.Webhooks.Tests;

/// <summary>One Azurite, one vault and one receiver for the assembly; each bed takes an account of its own.</summary>
[TestClass]
public static class Shared
{
    public static Azurite Azurite { get; private set; } = null!;

    public static VaultKeyEncryption Wrap { get; private set; } = null!;

    public static WebhookReceiver Receiver { get; private set; } = null!;

    private static VaultServer? vault;

    [AssemblyInitialize]
    public static async Task StartAsync(TestContext context)
    {
        Azurite = await Azurite.StartAsync(cancel: context.CancellationToken);
        Receiver = await WebhookReceiver.StartAsync(context.CancellationToken);
        vault = await VaultServer.StartAsync(cancel: context.CancellationToken);
        var keys = new KeyClient(vault.Url, vault.Credential);
        await KeyNames.EnsureCreatedAsync(keys, context.CancellationToken);
        Wrap = await VaultKeyEncryption.OpenAsync(keys, KeyNames.KeyEncryption, context.CancellationToken);
    }

    [AssemblyCleanup]
    public static async Task StopAsync()
    {
        if (vault is not null)
            await vault.DisposeAsync();

        await Receiver.DisposeAsync();
        await Azurite.DisposeAsync();
    }
}
