[assembly: Parallelize(Scope = ExecutionScope.MethodLevel, Workers = 2)]

namespace Notary.Audit.Tests;

/// <summary>One Azurite for the assembly; each test takes an account of its own in it.</summary>
[TestClass]
public static class Shared
{
    public static Azurite Azurite { get; private set; } = null!;

    [AssemblyInitialize]
    public static async Task StartAsync(TestContext context) => Azurite = await Azurite.StartAsync(cancel: context.CancellationToken);

    [AssemblyCleanup]
    public static async Task StopAsync() => await Azurite.DisposeAsync();

    public static async Task<StorageAccount> AccountAsync()
    {
        var account = Open(Azurite.ConnectionStringFor(Azurite.NewAccount()));
        await account.EnsureCreatedAsync();
        return account;
    }

    public static StorageAccount Open(string connection) => StorageAccount.Open(new StorageOptions { ConnectionString = connection });

    /// <summary>A clerk's look at something.</summary>
    public static TrailEvent Look(string word, DateTimeOffset? at = null, string person = "p1") => new(
        at ?? TimeProvider.System.GetUtcNow(), new TrailWho(person, "书记员", "clerk", "s1"), "GET", "/office", new Dictionary<string, string>(),
        new Dictionary<string, string> { ["q"] = word }, 200, "c-" + word, null, new Dictionary<string, string>());
}
