using Azure;

namespace Notary.Cli.Tests;

/// <summary>Spoils one thing of a draw that is kept in storage, audits draws, finds exactly what is expected, and puts it right again.</summary>
internal sealed class SpoiltDraw(FsckCommand.Inputs inputs, string id)
{
    private readonly TableClient draws = inputs.Storage.Table(Names.Draws);

    /// <summary>Finds nothing but those codes, each of them.</summary>
    public async Task FindAsync(params string[] codes) => await FindAsync(TimeSpan.Zero, codes);

    /// <summary>The row's own JSON.</summary>
    public async Task RowAsync(Action<JsonObject> spoil, params string[] codes)
    {
        var before = await RowAsync();
        var json = JsonNode.Parse(Bytes(before))!.AsObject();
        spoil(json);
        await PutAsync(before, json);
        await FindAsync(codes);
        await draws.UpdateEntityAsync(before, ETag.All, TableUpdateMode.Replace);
    }

    /// <summary>A column beside it.</summary>
    public async Task ColumnAsync(string column, object value, params string[] codes)
    {
        var (before, changed) = (await RowAsync(), await RowAsync());
        changed[column] = value;
        await draws.UpdateEntityAsync(changed, ETag.All, TableUpdateMode.Replace);
        await FindAsync(codes);
        await draws.UpdateEntityAsync(before, ETag.All, TableUpdateMode.Replace);
    }

    /// <summary>A file's bytes; null takes it away.</summary>
    public async Task FileAsync(string name, Func<byte[], byte[]?> spoil, params string[] codes)
    {
        var blob = Blob((string)JsonNode.Parse(Bytes(await RowAsync()))!["Files"]![name]!["Blob"]!);
        var before = (await blob.DownloadContentAsync()).Value.Content;
        if (spoil(before.ToArray()) is { } bad)
            await blob.UploadAsync(new BinaryData(bad), overwrite: true);
        else
            await blob.DeleteAsync();

        await FindAsync(codes);
        await blob.UploadAsync(before, overwrite: true);
    }

    /// <summary>Another file of JSON, canonical, that the row names as its own; with the result's digest where it is the result.</summary>
    public async Task ForgeAsync(string name, Action<JsonNode> forge, params string[] codes)
    {
        var row = await RowAsync();
        var json = JsonNode.Parse(Bytes(row))!.AsObject();
        var file = json["Files"]![name]!;
        var blob = Blob((string)file["Blob"]!);
        var before = (await blob.DownloadContentAsync()).Value.Content;
        var content = JsonNode.Parse(before)!;
        forge(content);
        var bytes = Jcs.Canonicalize(content);
        await blob.UploadAsync(new BinaryData(bytes), overwrite: true);
        (file["Sha256"], file["Bytes"], json["Result"]) = (Digest.Of(bytes).ToString(), bytes.Length, Digest.Of(bytes).ToString());
        await PutAsync(row, json);
        await FindAsync(codes);
        await draws.UpdateEntityAsync(row, ETag.All, TableUpdateMode.Replace);
        await blob.UploadAsync(before, overwrite: true);
    }

    /// <summary>A file that no row names, seen by an auditor whose clock is ahead.</summary>
    public async Task StrayAsync(TimeSpan ahead, params string[] codes)
    {
        var blob = Blob($"{id}/{Guid.NewGuid():N}");
        await blob.UploadAsync(new BinaryData("stray"));
        await FindAsync(ahead, codes);
        await blob.DeleteAsync();
    }

    /// <summary>A row of a table.</summary>
    public async Task DropAsync(string table, Func<TableEntity, bool> which, params string[] codes)
    {
        var all = inputs.Storage.Table(table);
        var row = await all.QueryAsync().Where(which).SingleAsync();
        await all.DeleteEntityAsync(row.PartitionKey, row.RowKey);
        await FindAsync(codes);
        await all.AddEntityAsync(Plants.Copy(row, row.PartitionKey, row.RowKey));
    }

    private async Task FindAsync(TimeSpan ahead, string[] codes)
    {
        var findings = new Findings();
        using var http = new HttpClient();
        var audit = new Audit(inputs.Storage, inputs.Trust, findings, new Progress(TextWriter.Null), TimeProvider.System.GetUtcNow() + ahead);
        var ledger = new LedgerAudit(audit, null);
        await new LotteryAudit(audit, ledger, inputs.Vault, inputs.Rpc, http).RunAsync(default);
        await ledger.RunAsync(default);

        // That nonces and transactions belong to each other is another test's matter.
        var found = findings.All.Where(f => f.Invariant != "I9").ToList();
        CollectionAssert.AreEquivalent(codes, found.Select(f => f.Code).Distinct().ToArray(), string.Join('\n', found));
        Assert.IsTrue(found.All(f => f.Where.Contains(id, StringComparison.Ordinal)), string.Join('\n', found));
    }

    private async Task<TableEntity> RowAsync() => (await draws.GetEntityAsync($"draw-{id}", "draw")).Value;

    private async Task PutAsync(TableEntity before, JsonObject json)
    {
        var changed = Plants.Copy(before, before.PartitionKey, before.RowKey);
        changed["Data0"] = JsonSerializer.SerializeToUtf8Bytes(json);
        changed.Remove("Data1");
        await draws.UpdateEntityAsync(changed, ETag.All, TableUpdateMode.Replace);
    }

    private static byte[] Bytes(TableEntity row)
        => [.. Enumerable.Range(0, 16).Select(i => row.GetBinary($"Data{i}")).TakeWhile(chunk => chunk is not null).SelectMany(chunk => chunk)];

    private Azure.Storage.Blobs.BlobClient Blob(string name) => inputs.Storage.Container(Names.DrawFiles).GetBlobClient(name);
}
