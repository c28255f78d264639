namespace Notary.Cli.Tests;

[TestClass]
public static class Assembly
{
    [AssemblyCleanup]
    public static Task EndAsync() => FsckBed.EndAsync();
}
