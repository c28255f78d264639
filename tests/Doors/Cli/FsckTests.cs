using Notary.Servers;
using static Notary.Cli.Tests.FsckBed;

namespace Notary.Cli.Tests;

/// <summary>The whole platform with a few deposits, by way of the command line; then one wrong at a time, put right again after it.</summary>
[TestClass]
[DoNotParallelize]
public sealed class FsckTests
{
    private static StorageAccount storage = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _)
    {
        await FsckBed.StartAsync();
        storage = FsckBed.Account;
    }

    [TestMethod]
    public async Task A_sound_platform_has_no_findings_and_its_bundles_verify()
    {
        var findings = await AuditAsync(passes: 3);
        Assert.AreEqual(0, findings.Total, Lines(findings));
        Assert.IsGreaterThanOrEqualTo(3, findings.Counts["deposits"]);

        // Other tests deposit digests here, which have neither.
        Assert.IsGreaterThanOrEqualTo(Ids.Count, (int)findings.Counts["originals decrypted"]);
        Assert.AreEqual(findings.Counts["originals decrypted"], findings.Counts["letters"]);
        Assert.IsGreaterThanOrEqualTo(2, findings.Counts["anchors"]);
        Assert.HasCount(0, findings.Notes, string.Join('\n', findings.Notes));
        foreach (var id in Ids)
        {
            var run = await Run.AsyncOf("verify", At($"{id}.evidence.zip"), "--trust", At("trust.json"), "--rpc", FsckBed.Platform.Anvil.Url.ToString());
            Assert.AreEqual(0, run.Exit, run.Output + run.Error);
            Assert.IsFalse(run.Output.Contains("UNKNOWN", StringComparison.Ordinal), run.Output);
        }
    }

    [TestMethod]
    public async Task The_recipe_asks_the_node_and_believes_it()
    {
        var place = Directory.CreateDirectory(At("recipe"));
        System.IO.Compression.ZipFile.ExtractToDirectory(At($"{Ids[0]}.evidence.zip"), place.FullName);
        var (exit, text) = await ShellAsync(FsckBed.Platform.Anvil.Url);
        Assert.AreEqual(0, exit, text);
        StringAssert.EndsWith(text.TrimEnd(), "VERIFIED");
        Assert.IsFalse(text.Contains("not asked", StringComparison.Ordinal), text);

        // A node of another chain does not have the anchor.
        await using var other = await Anvil.StartAsync(new AnvilOptions());
        (exit, text) = await ShellAsync(other.Url);
        Assert.AreNotEqual(0, exit, text);

        async Task<(int, string)> ShellAsync(Uri rpc)
        {
            var info = new System.Diagnostics.ProcessStartInfo("sh", ["VERIFY.txt"])
            {
                WorkingDirectory = place.FullName,
                RedirectStandardOutput = true,
                RedirectStandardError = true
            };
            info.Environment["RPC"] = rpc.ToString();
            using var process = System.Diagnostics.Process.Start(info)!;
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync();
            return (process.ExitCode, await error + await output);
        }
    }

    [TestMethod]
    public async Task Keys_are_listed_rotated_and_revoked()
    {
        string[] server = ["--url", FsckBed.App.Url.ToString(), "--key", FsckBed.Platform.OperatorKey];
        var issued = JsonDocument.Parse((await Run.AsyncOf(["key", "create", "firm", "--scope", "read", .. server])).Output).RootElement;
        var prefix = issued.GetProperty("info").GetProperty("prefix").GetString()!;
        var rotated = JsonDocument.Parse((await Run.AsyncOf(["key", "rotate", "firm", prefix, "--overlap-seconds", "60", .. server])).Output).RootElement;
        Assert.AreNotEqual(issued.GetProperty("key").GetString(), rotated.GetProperty("key").GetString());
        Assert.AreEqual(0, (await Run.AsyncOf(["key", "revoke", "firm", prefix, .. server])).Exit);
        StringAssert.Contains((await Run.AsyncOf(["key", "list", "firm", .. server])).Output, prefix);
        var refused = await Run.AsyncOf("key", "list", "firm", "--url", FsckBed.App.Url.ToString(), "--key", "wrong");
        Assert.AreEqual(2, refused.Exit);
        StringAssert.Contains(refused.Error, "401");
    }

    [TestMethod]
    public async Task A_server_that_is_not_ready_is_waited_for()
    {
        await using var proxy = await FaultProxy.StartAsync(FsckBed.App.Url);
        proxy.Add(new FaultRule("/v1/operator/tenants/firm/keys", FaultKind.Status) { Method = "GET", Status = 503 });
        var run = await Run.AsyncOf("key", "list", "firm", "--url", proxy.Url.ToString(), "--key", FsckBed.Platform.OperatorKey);
        Assert.AreEqual(0, run.Exit, run.Error);
        StringAssert.Contains(run.Error, "503");
        StringAssert.Contains(run.Error, "trying again in 1 s");
    }

    [TestMethod]
    public async Task One_changed_byte_in_any_blob_is_found_where_it_is()
    {
        // Originals, letters and files of the log do not hide each other, but for the entries that all of the log follows from.
        var names = new List<string>();
        foreach (var container in (string[])[Names.Log, Names.Letters, Names.Originals])
        {
            await foreach (var item in storage.Container(container).GetBlobsAsync())
                names.Add($"{container}/{item.Name}");
        }

        var newest = names.Where(n => n.StartsWith("log/tile/entries/", StringComparison.Ordinal))
            .MaxBy(n => int.Parse(n.Split("p/")[1], System.Globalization.CultureInfo.InvariantCulture))!;
        foreach (var group in new[] { names.Where(n => n != newest).ToArray(), [newest] })
        {
            await using var plants = new Plants();
            foreach (var name in group)
                await plants.FlipAsync(name.Split('/', 2)[0], name.Split('/', 2)[1]);

            var findings = await AuditAsync();
            foreach (var name in group)
                Assert.IsTrue(findings.All.Any(f => f.Where == name), $"{name}:\n{Lines(findings)}");
        }
    }

    [TestMethod]
    public async Task One_changed_column_of_any_row_is_found_where_it_is()
    {
        var rows = new List<(string Table, TableEntity Row)>();
        await foreach (var row in storage.Table(Names.Deposits).QueryAsync($"RowKey ge 'd|' and RowKey lt 'd}}'"))
        {
            rows.Add((Names.Deposits, row));
            break;
        }

        await foreach (var row in storage.Table(Names.Checkpoints).QueryAsync($"PartitionKey eq 'checkpoint' or PartitionKey eq 'anchor'"))
        {
            if (row.RowKey != "head" && (row.PartitionKey == "checkpoint" || row.GetBoolean("Final") == true)
                && !rows.Any(r => r.Row.PartitionKey == row.PartitionKey))
                rows.Add((Names.Checkpoints, row));
        }

        foreach (var (table, row) in rows)
        {
            foreach (var column in row.Keys.Where(Plants.IsColumn).ToList())
            {
                // The others are promises, flags about work and times of the platform's own clock: no evidence depends on them.
                if (row[column] is not (byte[] or string or long))
                    continue;

                var good = row[column];
                await MergeAsync(column, good switch { byte[] b => Flip(b), string s => Flip(s), long n => n + 1, _ => good });
                var findings = await AuditAsync();
                Assert.AreNotEqual(0, findings.Total, $"{table}/{row.PartitionKey}/{row.RowKey} {column}");
                await MergeAsync(column, good);
            }

            Task MergeAsync(string column, object? value)
                => storage.Table(table).UpdateEntityAsync(new TableEntity(row.PartitionKey, row.RowKey) { [column] = value },
                    Azure.ETag.All, TableUpdateMode.Merge);
        }
    }

    [TestMethod]
    public async Task Rows_and_blobs_that_are_gone_or_too_many_are_found()
    {
        var table = storage.Table(Names.Deposits);
        TableEntity? deposit = null, index = null;
        await foreach (var row in table.QueryAsync())
        {
            deposit = row.RowKey.StartsWith("d|", StringComparison.Ordinal) ? row : deposit;
            index = row.RowKey.StartsWith("x|", StringComparison.Ordinal) ? row : index;
        }

        foreach (var (row, code) in new[] { (deposit!, "leaf-without-deposit"), (index!, "index-missing") })
        {
            await table.DeleteEntityAsync(row.PartitionKey, row.RowKey, Azure.ETag.All);
            var findings = await AuditAsync();
            Assert.IsTrue(findings.All.Any(f => f.Code == code), Lines(findings));
            await table.AddEntityAsync(Plants.Copy(row, row.PartitionKey, row.RowKey));
        }

        var extra = Plants.Copy(deposit!, deposit!.PartitionKey, deposit.RowKey[..^4] + "ffff");

        await table.AddEntityAsync(extra);
        var twice = await AuditAsync();
        Assert.IsTrue(twice.All.Any(f => f.Code == "leaf-shared"), Lines(twice));
        await table.DeleteEntityAsync(extra.PartitionKey, extra.RowKey, Azure.ETag.All);

        var stray = storage.Container(Names.Log).GetBlobClient("tile/0/x001/002");
        await stray.UploadAsync(new BinaryData("stray"u8.ToArray()));
        await storage.Container(Names.Log).GetBlobClient("notes.txt").UploadAsync(new BinaryData("stray"u8.ToArray()));
        var findingsAfter = await AuditAsync();
        Assert.IsTrue(findingsAfter.All.Any(f => f.Where == "log/notes.txt"), Lines(findingsAfter));
        await stray.DeleteAsync();
        await storage.Container(Names.Log).GetBlobClient("notes.txt").DeleteAsync();
    }

    private static byte[] Flip(byte[] bytes)
    {
        var changed = (byte[])bytes.Clone();
        changed[changed.Length / 2] ^= 1;
        return changed;
    }

    private static string Flip(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        bytes[bytes.Length / 2] ^= 1;
        return Encoding.UTF8.GetString(bytes);
    }
}
