namespace Notary.Infra.Tests;

/// <summary>scripts/copy-tables.mjs between two accounts of a real server.</summary>
[TestClass]
public sealed class CopyTests
{
    private static readonly string Scripts = Path.Combine(Repository.Root, "scripts");

    [TestMethod]
    public async Task EveryRowArrivesAsItIsAndOnlyWhatChangedIsWrittenAgain()
    {
        await using var azurite = await Azurite.StartAsync();
        var (from, to) = (azurite.ConnectionStringFor(Azurite.DefaultAccount), azurite.ConnectionStringFor(azurite.NewAccount()));
        await RowsAsync("make", from);
        await RowsAsync("make", to);
        await RowsAsync("fill", from);

        Assert.AreEqual("deposits: 171 written, 0 the same, 0 kept that the source has not", await CopyAsync(from, to));
        Assert.AreEqual(await RowsAsync("list", from), await RowsAsync("list", to));
        StringAssert.Contains(await RowsAsync("list", to), """["time",{"value":"2026-11-28T22:00:00.1234567Z","type":"DateTime"}]""");
        Assert.AreEqual("deposits: 0 written, 171 the same, 0 kept that the source has not", await CopyAsync(from, to));

        // A delete at the source is not repeated by the nightly copy; the copy of the last hour repeats it.
        await RowsAsync("change", from);
        Assert.AreEqual("deposits: 2 written, 169 the same, 1 kept that the source has not", await CopyAsync(from, to));
        Assert.AreEqual("deposits: 0 written, 171 the same, 1 removed", await CopyAsync(from, to, "mirror"));
        Assert.AreEqual(await RowsAsync("list", from), await RowsAsync("list", to));
    }

    [TestMethod]
    public async Task ATableThatIsNotThereFails()
    {
        await using var azurite = await Azurite.StartAsync();
        string[] arguments = ["copy-tables.mjs", azurite.ConnectionString, azurite.ConnectionString, "nowhere"];
        var (code, _, error) = await ChildTool.RunAsync("node", arguments, Scripts, new Dictionary<string, string>());
        Assert.AreNotEqual(0, code);
        StringAssert.Contains(error, "TableNotFound");
    }

    private static Task<string> CopyAsync(string from, string to, params string[] mirror) => NodeAsync(["copy-tables.mjs", from, to, .. mirror, "deposits"]);

    private static Task<string> RowsAsync(string verb, string account) => NodeAsync([ChildTool.Beside("StandIns/rows.mjs"), verb, account]);

    private static async Task<string> NodeAsync(string[] arguments)
    {
        var (code, output, error) = await ChildTool.RunAsync("node", arguments, Scripts, new Dictionary<string, string>());
        Assert.AreEqual(0, code, error);
        return output.Trim();
    }
}
