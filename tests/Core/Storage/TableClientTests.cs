using Azure.Data.Tables;

namespace Notary.Storage.Tests;

/// <summary>What the platform relies on in the SDK's client, and what ours adds to it.</summary>
[TestClass]
public sealed class TableClientTests
{
    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Cancel => TestContext.CancellationToken;

    private async Task<TableClient> NewTableAsync()
    {
        var table = StorageAccount.Open(Shared.NewAccount()).Table("things");
        await table.CreateIfNotExistsAsync(Cancel);
        return table;
    }

    private static TableTransactionAction Add(string partition, string row) => new(TableTransactionActionType.Add, new TableEntity(partition, row));

    [TestMethod]
    public async Task Every_type_comes_back_as_it_went()
    {
        var table = await NewTableAsync();
        var time = new DateTimeOffset(2026, 11, 22, 13, 0, 0, 123, TimeSpan.FromHours(8)).AddTicks(4567);
        var sent = new TableEntity("it's 公证处", "合同 A-17 (第1版) %20+d&e=f")
        {
            ["text"] = "合同 \u2028 \"q\" {x} \r\n--batch_ é 😀",
            ["empty"] = "",
            ["yes"] = true,
            ["int"] = int.MinValue,
            ["long"] = long.MaxValue,
            ["time"] = time,
            ["bytes"] = Enumerable.Range(0, 256).Select(i => (byte)i).ToArray(),
            ["nothing"] = null,
        };
        await table.AddEntityAsync(sent, Cancel);

        var got = (await table.GetEntityAsync(sent.PartitionKey, sent.RowKey, cancel: Cancel)).Value;

        Assert.AreEqual((sent.PartitionKey, sent.RowKey), (got.PartitionKey, got.RowKey));
        Assert.AreEqual("合同 \u2028 \"q\" {x} \r\n--batch_ é 😀", got.GetString("text"));
        Assert.AreEqual("", got.GetString("empty"));
        Assert.IsTrue(got.GetBoolean("yes"));
        Assert.AreEqual(int.MinValue, got.GetInt32("int"));
        Assert.AreEqual(long.MaxValue, got.GetInt64("long"));
        Assert.AreEqual(time, got.GetDateTimeOffset("time"));
        Assert.AreEqual(TimeSpan.Zero, got.GetDateTimeOffset("time")!.Value.Offset);
        CollectionAssert.AreEqual(sent.GetBinary("bytes"), got.GetBinary("bytes"));
        Assert.IsFalse(got.ContainsKey("nothing"));
        Assert.IsNotNull(got.Timestamp);
        Assert.AreNotEqual(default, got.ETag);
    }

    [TestMethod]
    public async Task Writes_are_conditional()
    {
        var table = await NewTableAsync();
        await table.AddEntityAsync(new TableEntity("p", "r") { ["a"] = 1, ["b"] = 1 }, Cancel);
        var again = await Assert.ThrowsExactlyAsync<RequestFailedException>(() => table.AddEntityAsync(new TableEntity("p", "r"), Cancel));
        Assert.AreEqual((409, "EntityAlreadyExists", true), (again.Status, again.ErrorCode, StorageFailure.IsConflict(again)));

        var first = (await table.GetEntityAsync("p", "r", cancel: Cancel)).Value;
        var etag = (await table.UpdateEntityAsync(new TableEntity("p", "r") { ["a"] = 2 }, first.ETag, cancellationToken: Cancel)).Headers.ETag;
        Assert.AreNotEqual(first.ETag, etag);
        var stale = await Assert.ThrowsExactlyAsync<RequestFailedException>(
            () => table.UpdateEntityAsync(new TableEntity("p", "r") { ["a"] = 3 }, first.ETag, cancellationToken: Cancel));
        Assert.AreEqual((412, "UpdateConditionNotSatisfied", true), (stale.Status, stale.ErrorCode, StorageFailure.IsConflict(stale)));
        var staleDelete = await Assert.ThrowsExactlyAsync<RequestFailedException>(() => table.DeleteEntityAsync("p", "r", first.ETag, Cancel));
        Assert.AreEqual(412, staleDelete.Status);

        var merged = (await table.GetEntityAsync("p", "r", cancel: Cancel)).Value;
        Assert.AreEqual((2, 1, etag!.Value), (merged.GetInt32("a")!.Value, merged.GetInt32("b")!.Value, merged.ETag));
        await table.UpdateEntityAsync(new TableEntity("p", "r") { ["a"] = 4 }, merged.ETag, TableUpdateMode.Replace, Cancel);
        var replaced = (await table.GetEntityAsync("p", "r", cancel: Cancel)).Value;
        Assert.AreEqual((4, false), (replaced.GetInt32("a"), replaced.ContainsKey("b")));

        var absent = await Assert.ThrowsExactlyAsync<RequestFailedException>(
            () => table.UpdateEntityAsync(new TableEntity("p", "x"), ETag.All, cancellationToken: Cancel));
        Assert.AreEqual((404, "ResourceNotFound", false), (absent.Status, absent.ErrorCode, StorageFailure.IsConflict(absent)));
    }

    [TestMethod]
    public async Task A_missing_row_is_an_answer_and_a_missing_table_is_none()
    {
        var table = await NewTableAsync();
        Assert.IsFalse((await table.GetEntityIfExistsAsync("p", "never", cancel: Cancel)).HasValue);
        var missing = await Assert.ThrowsExactlyAsync<RequestFailedException>(() => table.GetEntityAsync("p", "never", cancel: Cancel));
        Assert.AreEqual((404, "ResourceNotFound"), (missing.Status, missing.ErrorCode));

        // Dropping twice is dropping once; in a transaction it is not.
        Assert.AreEqual(404, (await table.DeleteEntityAsync("p", "never", cancellationToken: Cancel)).Status);
        var together = await Assert.ThrowsExactlyAsync<TableTransactionFailedException>(
            () => table.SubmitTransactionAsync([Add("p", "r"), new(TableTransactionActionType.Delete, new TableEntity("p", "never"), ETag.All)], Cancel));
        Assert.AreEqual(404, together.Status);

        var absent = StorageAccount.Open(Shared.NewAccount()).Table("absent");
        var failure = await Assert.ThrowsExactlyAsync<RequestFailedException>(() => absent.GetEntityIfExistsAsync("p", "r", cancel: Cancel));
        Assert.AreEqual((404, "TableNotFound", true), (failure.Status, failure.ErrorCode, StorageFailure.Is(failure, Cancel)));
        failure = await Assert.ThrowsExactlyAsync<RequestFailedException>(async () => await absent.QueryAsync(cancel: Cancel).CountAsync(Cancel));
        Assert.AreEqual((404, "TableNotFound"), (failure.Status, failure.ErrorCode));
    }

    [TestMethod]
    public async Task A_transaction_is_all_or_nothing_and_names_the_culprit()
    {
        var table = await NewTableAsync();
        await table.AddEntityAsync(new TableEntity("it's 合", "old"), Cancel);
        await table.AddEntityAsync(new TableEntity("it's 合", "gone"), Cancel);
        var old = (await table.GetEntityAsync("it's 合", "old", cancel: Cancel)).Value;

        var answers = (await table.SubmitTransactionAsync(
            [
                new(TableTransactionActionType.Add, new TableEntity("it's 合", "new'") { ["text"] = "{\"POST http://x/y/z\"}\n", ["n"] = 5L }),
                new(TableTransactionActionType.UpdateMerge, new TableEntity("it's 合", "old") { ["v"] = 1 }, old.ETag),
                new(TableTransactionActionType.UpsertReplace, new TableEntity("it's 合", "up") { ["v"] = 2 }),
                new(TableTransactionActionType.Delete, new TableEntity("it's 合", "gone")),
            ],
            Cancel)).Value;

        var rows = await table.QueryAsync(cancel: Cancel).ToListAsync(Cancel);
        CollectionAssert.AreEquivalent(new[] { "new'", "old", "up" }, rows.Select(r => r.RowKey).ToArray());
        Assert.AreEqual(rows.Single(r => r.RowKey == "new'").ETag, answers[0].Headers.ETag);
        Assert.AreEqual(rows.Single(r => r.RowKey == "old").ETag, answers[1].Headers.ETag);
        Assert.AreEqual("{\"POST http://x/y/z\"}\n", rows.Single(r => r.RowKey == "new'").GetString("text"));

        var failure = await Assert.ThrowsExactlyAsync<TableTransactionFailedException>(() => table.SubmitTransactionAsync(
            [
                new(TableTransactionActionType.UpsertMerge, new TableEntity("it's 合", "up") { ["v"] = 99 }),
                Add("it's 合", "another"),
                new(TableTransactionActionType.UpdateMerge, new TableEntity("it's 合", "old") { ["v"] = 99 }, old.ETag),
            ],
            Cancel));
        Assert.AreEqual((412, "UpdateConditionNotSatisfied", 2), (failure.Status, failure.ErrorCode, failure.FailedTransactionActionIndex));
        Assert.IsTrue(StorageFailure.IsConflict(failure));
        rows = await table.QueryAsync(cancel: Cancel).ToListAsync(Cancel);
        Assert.HasCount(3, rows);
        Assert.AreEqual(2, rows.Single(r => r.RowKey == "up").GetInt32("v"));

        var duplicate = await Assert.ThrowsExactlyAsync<TableTransactionFailedException>(
            () => table.SubmitTransactionAsync([Add("it's 合", "fresh"), Add("it's 合", "old")], Cancel));
        Assert.AreEqual((409, "EntityAlreadyExists", 1), (duplicate.Status, duplicate.ErrorCode, duplicate.FailedTransactionActionIndex));
    }

    [TestMethod]
    public async Task A_transaction_of_one_hundred_large_rows_fits_and_what_Azure_refuses_is_refused_here()
    {
        var table = await NewTableAsync();
        var payload = new byte[30 * 1024];
        Random.Shared.NextBytes(payload);
        await table.SubmitTransactionAsync(
            Enumerable.Range(0, TableRows.MaxTransactionActions)
                .Select(i => new TableTransactionAction(TableTransactionActionType.Add, new TableEntity("p", $"{i:000}") { ["bytes"] = payload })),
            Cancel);
        var rows = await table.QueryAsync(cancel: Cancel).ToListAsync(Cancel);
        Assert.HasCount(100, rows);
        Assert.IsTrue(rows.All(r => r.GetBinary("bytes")!.AsSpan().SequenceEqual(payload)));

        await Assert.ThrowsExactlyAsync<ArgumentException>(
            () => table.SubmitTransactionAsync(Enumerable.Range(0, 101).Select(i => Add("q", $"{i:000}")), Cancel));
        await Assert.ThrowsExactlyAsync<ArgumentException>(() => table.SubmitTransactionAsync([Add("q", "a"), Add("other", "a")], Cancel));
        Assert.AreEqual(100, await table.QueryAsync(cancel: Cancel).CountAsync(Cancel), "nothing of it was sent");
    }

    [TestMethod]
    public async Task Pages_continue_where_they_stopped_and_the_keys_come_along()
    {
        var table = await NewTableAsync();
        foreach (var partition in (string[])["甲'", "b"])
        {
            await table.SubmitTransactionAsync(
                Enumerable.Range(0, 25).Select(i => new TableTransactionAction(TableTransactionActionType.Add,
                    new TableEntity(partition, $"第{i:00}") { ["i"] = i, ["other"] = "x" })), Cancel);
        }

        var seen = new List<TableEntity>();
        string? next = null;
        var pages = 0;
        do
        {
            // A new query for each page, as an HTTP client with a token in hand would ask.
            var page = await table.QueryAsync("i ge 5", 7, ["i"], Cancel).AsPages(next).FirstAsync(Cancel);
            Assert.IsLessThanOrEqualTo(7, page.Values.Count);
            seen.AddRange(page.Values);
            next = page.ContinuationToken;
            pages++;
        }
        while (next is not null);

        Assert.AreEqual(40, seen.Select(e => (e.PartitionKey, e.RowKey)).Distinct().Count());
        Assert.HasCount(40, seen);
        Assert.IsGreaterThanOrEqualTo(6, pages);
        Assert.IsTrue(seen.All(e => !e.ContainsKey("other") && e.GetInt32("i") >= 5));
        CollectionAssert.AreEqual(seen.Select(e => e.PartitionKey + e.RowKey).Order(StringComparer.Ordinal).ToList(),
            seen.Select(e => e.PartitionKey + e.RowKey).ToList());

        // Nothing but the keys, by every read.
        foreach (var row in new[]
        {
            await table.QueryAsync(select: [], cancel: Cancel).FirstAsync(Cancel),
            (await table.GetEntityAsync("b", "第00", ["other"], Cancel)).Value,
            (await table.GetEntityIfExistsAsync("b", "第00", ["other"], Cancel)).Value!,
        })
        {
            Assert.AreEqual(("b", "第00", false), (row.PartitionKey, row.RowKey, row.ContainsKey("i")));
        }
    }

    [TestMethod]
    public async Task A_filter_cannot_be_broken_out_of()
    {
        var table = await NewTableAsync();
        var time = new DateTimeOffset(2026, 11, 22, 5, 0, 0, TimeSpan.Zero);
        await table.AddEntityAsync(new TableEntity("p'", "r") { ["s"] = "a' or 'b' eq 'b", ["t"] = time, ["l"] = 1L << 40, ["f"] = true }, Cancel);
        Assert.AreEqual(1, await CountAsync($"PartitionKey eq {"p'"} and s eq {"a' or 'b' eq 'b"}"));
        Assert.AreEqual(0, await CountAsync($"s eq {"x' or 'b' eq 'b"}"));
        Assert.AreEqual(1, await CountAsync($"t le {time} and l eq {1L << 40} and f eq {true}"));
        Assert.AreEqual(0, await CountAsync($"t lt {time}"));

        async Task<int> CountAsync(FormattableString filter)
            => await table.QueryAsync(TableClient.CreateQueryFilter(filter), cancel: Cancel).CountAsync(Cancel);
    }

    [TestMethod]
    public async Task A_wrong_key_is_refused_and_not_repeated()
    {
        var options = Shared.NewAccount();
        options.ConnectionString = options.ConnectionString!.Replace("Eby8", "Fby8", StringComparison.Ordinal);
        var refused = await Assert.ThrowsExactlyAsync<RequestFailedException>(
            () => StorageAccount.Open(options).Table("absent").CreateIfNotExistsAsync(Cancel));
        Assert.AreEqual(403, refused.Status);
        Assert.IsFalse(refused.ToString().Contains("Fby8", StringComparison.Ordinal));
    }

    [TestMethod]
    public async Task Everything_named_is_created_twice_at_once()
    {
        // Also: the local server knows the service versions that the clients are pinned to.
        var account = StorageAccount.Open(Shared.NewAccount());
        await Task.WhenAll(account.EnsureCreatedAsync(Cancel), account.EnsureCreatedAsync(Cancel));
        await account.Table(Names.Deposits).AddEntityAsync(new TableEntity("p", "r"), Cancel);
        Assert.IsTrue(await account.Container(Names.Originals).ExistsAsync(Cancel));
        Assert.IsTrue(await account.Queue(Names.PoisonQueue(Names.UploadsQueue)).ExistsAsync(Cancel));

        // The task hub's clients are made by the same options.
        Assert.IsTrue(await account.Open(account.BlobOptions()).GetBlobContainerClient(Names.Log).ExistsAsync(Cancel));
        Assert.IsTrue(await account.Open(account.QueueOptions()).GetQueueClient(Names.UploadsQueue).ExistsAsync(Cancel));
        Assert.IsTrue(await account.Open(account.TableOptions()).QueryAsync($"TableName eq '{Names.Deposits}'", cancellationToken: Cancel).AnyAsync(Cancel));
    }
}
