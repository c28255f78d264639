using Azure;

namespace Notary.Storage.Tests;

[TestClass]
public sealed class TableClientTests
{
    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Cancel => TestContext.CancellationToken;

    private async Task<TableClient> NewTableAsync()
    {
        var table = StorageAccount.Open(Shared.NewAccount()).Table("things");
        Assert.IsTrue(await table.CreateIfNotExistsAsync(Cancel));
        return table;
    }

    [TestMethod]
    public async Task Every_type_comes_back_as_it_went()
    {
        var table = await NewTableAsync();
        var time = new DateTimeOffset(2026, 11, 22, 13, 0, 0, 123, TimeSpan.FromHours(8)).AddTicks(4567);
        var sent = new TableEntity("p", "r")
        {
            ["text"] = "合同 \u2028 \"q\" {x} \r\n--batch_ é 😀",
            ["empty"] = "",
            ["yes"] = true,
            ["int"] = int.MinValue,
            ["long"] = long.MaxValue,
            ["whole"] = 3.0,
            ["pi"] = Math.PI,
            ["infinite"] = double.PositiveInfinity,
            ["time"] = time,
            ["guid"] = Guid.Parse("0193aaaa-bbbb-7ccc-8ddd-eeeeffff0000"),
            ["bytes"] = Enumerable.Range(0, 256).Select(i => (byte)i).ToArray(),
            ["nothing"] = null,
        };
        await table.AddEntityAsync(sent, Cancel);

        var got = (await table.GetEntityAsync("p", "r", cancel: Cancel)).Value;

        Assert.AreEqual("合同 \u2028 \"q\" {x} \r\n--batch_ é 😀", got.GetString("text"));
        Assert.AreEqual("", got.GetString("empty"));
        Assert.IsTrue(got.GetBoolean("yes"));
        Assert.AreEqual(int.MinValue, got.GetInt32("int"));
        Assert.AreEqual(long.MaxValue, got.GetInt64("long"));
        Assert.AreEqual(3.0, got.GetDouble("whole"));
        Assert.AreEqual(Math.PI, got.GetDouble("pi"));
        Assert.AreEqual(double.PositiveInfinity, got.GetDouble("infinite"));
        Assert.AreEqual(time, got.GetDateTimeOffset("time"));
        Assert.AreEqual(TimeSpan.Zero, got.GetDateTimeOffset("time")!.Value.Offset);
        Assert.AreEqual(sent.GetGuid("guid"), got.GetGuid("guid"));
        CollectionAssert.AreEqual(sent.GetBinary("bytes"), got.GetBinary("bytes"));
        Assert.IsFalse(got.ContainsKey("nothing"));
        Assert.AreEqual(11, got.Count);
        Assert.IsNotNull(got.Timestamp);
        Assert.AreNotEqual(default, got.ETag);
    }

    [TestMethod]
    [DataRow("it's", "''quoted''")]
    [DataRow("公证处", "合同 A-17 (第1版)")]
    [DataRow("a b%20c+d&e=f", "x,y;z:@!$*")]
    [DataRow("", "")]
    public async Task Keys_survive_every_way_in(string partition, string row)
    {
        var table = await NewTableAsync();
        await table.AddEntityAsync(new(partition, row) { ["v"] = 1 }, Cancel);
        var read = (await table.GetEntityAsync(partition, row, cancel: Cancel)).Value;
        Assert.AreEqual((partition, row), (read.PartitionKey, read.RowKey));

        await table.UpdateEntityAsync(new(partition, row) { ["v"] = 2 }, read.ETag, cancel: Cancel);
        var found = await table.QueryAsync(TableFilter.Create($"PartitionKey eq {partition} and RowKey eq {row}"), cancel: Cancel).ToListAsync(Cancel);
        Assert.AreEqual(2, found.Single().GetInt32("v"));

        await table.DeleteEntityAsync(partition, row, found[0].ETag, Cancel);
        Assert.IsFalse((await table.GetEntityIfExistsAsync(partition, row, cancel: Cancel)).HasValue);
    }

    [TestMethod]
    [DataRow("a/b")]
    [DataRow("a\\b")]
    [DataRow("a#b")]
    [DataRow("a?b")]
    [DataRow("a\nb")]
    [DataRow("a\u0085b")]
    public void A_key_the_service_refuses_is_refused_here(string key)
    {
        Assert.ThrowsExactly<ArgumentException>(() => new TableEntity(key, "r"));
        Assert.ThrowsExactly<ArgumentException>(() => new TableEntity("p", key));
    }

    [TestMethod]
    public async Task Writes_are_conditional()
    {
        var table = await NewTableAsync();
        await table.AddEntityAsync(new("p", "r") { ["a"] = 1, ["b"] = 1 }, Cancel);
        var again = await Assert.ThrowsExactlyAsync<RequestFailedException>(() => table.AddEntityAsync(new("p", "r"), Cancel));
        Assert.AreEqual((409, TableErrorCode.EntityAlreadyExists), (again.Status, again.ErrorCode));

        var first = (await table.GetEntityAsync("p", "r", cancel: Cancel)).Value;
        var etag = (await table.UpdateEntityAsync(new("p", "r") { ["a"] = 2 }, first.ETag, cancel: Cancel)).Headers.ETag;
        Assert.AreNotEqual(first.ETag, etag);
        var stale = await Assert.ThrowsExactlyAsync<RequestFailedException>(() => table.UpdateEntityAsync(new("p", "r") { ["a"] = 3 }, first.ETag, cancel: Cancel));
        Assert.AreEqual((412, TableErrorCode.UpdateConditionNotSatisfied), (stale.Status, stale.ErrorCode));
        var staleDelete = await Assert.ThrowsExactlyAsync<RequestFailedException>(() => table.DeleteEntityAsync("p", "r", first.ETag, Cancel));
        Assert.AreEqual(412, staleDelete.Status);

        var merged = (await table.GetEntityAsync("p", "r", cancel: Cancel)).Value;
        Assert.AreEqual((2, 1, etag!.Value), (merged.GetInt32("a")!.Value, merged.GetInt32("b")!.Value, merged.ETag));
        await table.UpdateEntityAsync(new("p", "r") { ["a"] = 4 }, merged.ETag, TableUpdateMode.Replace, Cancel);
        var replaced = (await table.GetEntityAsync("p", "r", cancel: Cancel)).Value;
        Assert.AreEqual((4, false), (replaced.GetInt32("a"), replaced.ContainsKey("b")));

        var absent = await Assert.ThrowsExactlyAsync<RequestFailedException>(() => table.UpdateEntityAsync(new("p", "x"), ETag.All, cancel: Cancel));
        Assert.AreEqual((404, TableErrorCode.ResourceNotFound), (absent.Status, absent.ErrorCode));
        await table.UpsertEntityAsync(new("p", "x") { ["a"] = 1 }, cancel: Cancel);
        await table.UpsertEntityAsync(new("p", "x") { ["b"] = 2 }, TableUpdateMode.Replace, Cancel);
        Assert.IsFalse((await table.GetEntityAsync("p", "x", cancel: Cancel)).Value.ContainsKey("a"));
        Assert.AreEqual(404, (await table.DeleteEntityAsync("p", "never", cancel: Cancel)).Status);
        var missing = await Assert.ThrowsExactlyAsync<RequestFailedException>(() => table.GetEntityAsync("p", "never", cancel: Cancel));
        Assert.AreEqual((404, TableErrorCode.ResourceNotFound), (missing.Status, missing.ErrorCode));
    }

    [TestMethod]
    public async Task A_transaction_is_all_or_nothing_and_names_the_culprit()
    {
        var table = await NewTableAsync();
        await table.AddEntityAsync(new("it's 合", "old"), Cancel);
        await table.AddEntityAsync(new("it's 合", "gone"), Cancel);
        var old = (await table.GetEntityAsync("it's 合", "old", cancel: Cancel)).Value;

        var etags = await table.SubmitTransactionAsync(
            [
                new(TableTransactionActionType.Add, new("it's 合", "new'") { ["text"] = "{\"POST http://x/y/z\"}\n", ["n"] = 5L }),
                new(TableTransactionActionType.UpdateMerge, new("it's 合", "old") { ["v"] = 1 }, old.ETag),
                new(TableTransactionActionType.UpsertReplace, new("it's 合", "up") { ["v"] = 2 }),
                new(TableTransactionActionType.Delete, new("it's 合", "gone")),
            ],
            Cancel);

        var rows = await table.QueryAsync(cancel: Cancel).ToListAsync(Cancel);
        CollectionAssert.AreEquivalent(new[] { "new'", "old", "up" }, rows.Select(r => r.RowKey).ToArray());
        Assert.AreEqual(rows.Single(r => r.RowKey == "new'").ETag, etags[0]);
        Assert.AreEqual(rows.Single(r => r.RowKey == "old").ETag, etags[1]);
        Assert.AreEqual("{\"POST http://x/y/z\"}\n", rows.Single(r => r.RowKey == "new'").GetString("text"));

        var failure = await Assert.ThrowsExactlyAsync<TableTransactionFailedException>(() => table.SubmitTransactionAsync(
            [
                new(TableTransactionActionType.UpsertMerge, new("it's 合", "up") { ["v"] = 99 }),
                new(TableTransactionActionType.Add, new("it's 合", "another")),
                new(TableTransactionActionType.UpdateMerge, new("it's 合", "old") { ["v"] = 99 }, old.ETag),
            ],
            Cancel));
        Assert.AreEqual((412, TableErrorCode.UpdateConditionNotSatisfied, 2), (failure.Status, failure.ErrorCode, failure.FailedTransactionActionIndex));
        rows = await table.QueryAsync(cancel: Cancel).ToListAsync(Cancel);
        Assert.AreEqual(3, rows.Count);
        Assert.AreEqual(2, rows.Single(r => r.RowKey == "up").GetInt32("v"));

        var duplicate = await Assert.ThrowsExactlyAsync<TableTransactionFailedException>(() => table.SubmitTransactionAsync(
            [new(TableTransactionActionType.Add, new("it's 合", "fresh")), new(TableTransactionActionType.Add, new("it's 合", "old"))], Cancel));
        Assert.AreEqual((409, TableErrorCode.EntityAlreadyExists, 1), (duplicate.Status, duplicate.ErrorCode, duplicate.FailedTransactionActionIndex));
    }

    [TestMethod]
    public async Task A_transaction_of_one_hundred_large_rows_fits()
    {
        var table = await NewTableAsync();
        var payload = new byte[30 * 1024];
        Random.Shared.NextBytes(payload);
        await table.SubmitTransactionAsync(Enumerable.Range(0, 100).Select(i => new TableTransactionAction(TableTransactionActionType.Add, new("p", $"{i:000}") { ["bytes"] = payload })), Cancel);
        var rows = await table.QueryAsync(cancel: Cancel).ToListAsync(Cancel);
        Assert.AreEqual(100, rows.Count);
        Assert.IsTrue(rows.All(r => r.GetBinary("bytes")!.AsSpan().SequenceEqual(payload)));
    }

    [TestMethod]
    public async Task Pages_continue_where_they_stopped()
    {
        var table = await NewTableAsync();
        foreach (var partition in (string[])["甲'", "b"])
        {
            await table.SubmitTransactionAsync(Enumerable.Range(0, 25).Select(i => new TableTransactionAction(TableTransactionActionType.Add, new(partition, $"第{i:00}") { ["i"] = i, ["other"] = "x" })), Cancel);
        }

        var seen = new List<TableEntity>();
        string? next = null;
        var pages = 0;
        do
        {
            // A new query for each page, as an HTTP client with a token in hand would ask.
            await foreach (var page in table.QueryAsync("i ge 5", 7, ["i"], Cancel).AsPages(next))
            {
                seen.AddRange(page.Values);
                next = page.ContinuationToken;
                break;
            }

            pages++;
        }
        while (next is not null);

        Assert.AreEqual(40, seen.Select(e => (e.PartitionKey, e.RowKey)).Distinct().Count());
        Assert.AreEqual(40, seen.Count);
        Assert.IsTrue(pages >= 6);
        Assert.IsTrue(seen.All(e => !e.ContainsKey("other") && e.GetInt32("i") >= 5));
        CollectionAssert.AreEqual(seen.Select(e => e.PartitionKey + e.RowKey).Order(StringComparer.Ordinal).ToList(), seen.Select(e => e.PartitionKey + e.RowKey).ToList());
    }

    [TestMethod]
    public async Task A_filter_compares_every_type_and_cannot_be_broken_out_of()
    {
        var table = await NewTableAsync();
        var time = new DateTimeOffset(2026, 11, 22, 5, 0, 0, TimeSpan.Zero);
        await table.AddEntityAsync(new("p", "r") { ["s"] = "a' or 'b' eq 'b", ["t"] = time, ["l"] = 1L << 40, ["f"] = true, ["g"] = Guid.Empty }, Cancel);
        Assert.AreEqual(1, await CountAsync($"s eq {"a' or 'b' eq 'b"}"));
        Assert.AreEqual(0, await CountAsync($"s eq {"x' or 'b' eq 'b"}"));
        Assert.AreEqual(1, await CountAsync($"t le {time} and l eq {1L << 40} and f eq {true} and g eq {Guid.Empty}"));
        Assert.AreEqual(0, await CountAsync($"t lt {time}"));

        async Task<int> CountAsync(FormattableString filter)
            => (await table.QueryAsync(TableFilter.Create(filter), cancel: Cancel).ToListAsync(Cancel)).Count;
    }

    [TestMethod]
    public async Task A_missing_table_and_a_wrong_key_are_told_apart()
    {
        var options = Shared.NewAccount();
        var table = StorageAccount.Open(options).Table("absent");
        var missing = await Assert.ThrowsExactlyAsync<RequestFailedException>(() => table.GetEntityIfExistsAsync("p", "r", cancel: Cancel));
        Assert.AreEqual((404, TableErrorCode.TableNotFound), (missing.Status, missing.ErrorCode));

        options.ConnectionString = options.ConnectionString!.Replace("Eby8", "Fby8", StringComparison.Ordinal);
        var refused = await Assert.ThrowsExactlyAsync<RequestFailedException>(() => StorageAccount.Open(options).Table("absent").CreateIfNotExistsAsync(Cancel));
        Assert.AreEqual(403, refused.Status);
        Assert.IsFalse(refused.ToString().Contains("Fby8", StringComparison.Ordinal));
    }

    [TestMethod]
    public async Task Everything_named_is_created_twice_at_once()
    {
        var account = StorageAccount.Open(Shared.NewAccount());
        await Task.WhenAll(account.EnsureCreatedAsync(Cancel), account.EnsureCreatedAsync(Cancel));
        await account.Table(Names.Deposits).AddEntityAsync(new("p", "r"), Cancel);
        Assert.IsTrue(await account.Container(Names.Originals).ExistsAsync(Cancel));
        Assert.IsTrue(await account.Queue(Names.PoisonQueue(Names.UploadsQueue)).ExistsAsync(Cancel));
    }
}
