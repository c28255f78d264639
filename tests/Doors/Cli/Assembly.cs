// Most wait for servers. What works on the one bed of the audit (FsckBed) goes by itself afterwards.
[assembly: Parallelize(Scope = ExecutionScope.ClassLevel, Workers = 2)]

namespace Notary.Cli.Tests;

[TestClass]
public static class Assembly
{
    [AssemblyCleanup]
    public static Task EndAsync() => FsckBed.EndAsync();
}
