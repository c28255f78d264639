using Azure;
using static Notary.Cli.Tests.FsckBed;

namespace Notary.Cli.Tests;

/// <summary>Corruptions of real storage, each with its undoing; put right again in the opposite order.</summary>
internal sealed class Plants : IAsyncDisposable
{
    private readonly Stack<Func<Task>> undo = new();
    private readonly List<(string Code, string Where)> expected = [];
    private readonly List<(string Code, string Where)> noted = [];

    /// <summary>What the next audit has to find.</summary>
    public Plants Expect(string code, string where)
    {
        expected.Add((code, where));
        return this;
    }

    /// <summary>What the next audit has to note.</summary>
    public Plants Note(string code, string where)
    {
        noted.Add((code, where));
        return this;
    }

    /// <summary>Changes columns; null takes one out.</summary>
    public async Task<Plants> SetAsync(string table, TableEntity row, params (string Column, object? Value)[] columns)
    {
        var before = (await Account.Table(table).GetEntityAsync(row.PartitionKey, row.RowKey)).Value;
        var changed = Copy(before, before.PartitionKey, before.RowKey);
        foreach (var (column, value) in columns)
            changed[column] = value;

        await Account.Table(table).UpdateEntityAsync(changed, ETag.All, TableUpdateMode.Replace);
        undo.Push(() => Account.Table(table).UpdateEntityAsync(Copy(before, before.PartitionKey, before.RowKey), ETag.All, TableUpdateMode.Replace));
        return this;
    }

    public async Task<Plants> AddAsync(string table, TableEntity row)
    {
        await Account.Table(table).AddEntityAsync(row);
        undo.Push(() => Account.Table(table).DeleteEntityAsync(row.PartitionKey, row.RowKey, ETag.All));
        return this;
    }

    public async Task<Plants> DropAsync(string table, TableEntity row)
    {
        await Account.Table(table).DeleteEntityAsync(row.PartitionKey, row.RowKey, ETag.All);
        undo.Push(() => Account.Table(table).AddEntityAsync(Copy(row, row.PartitionKey, row.RowKey)));
        return this;
    }

    public async Task<Plants> UploadAsync(string container, string name, string content = "planted")
    {
        await Account.Container(container).GetBlobClient(name).UploadAsync(new BinaryData(content));
        undo.Push(() => Account.Container(container).DeleteBlobAsync(name));
        return this;
    }

    public async Task<Plants> TakeAsync(string container, string name)
    {
        var blob = Account.Container(container).GetBlobClient(name);
        var (content, metadata) = ((await blob.DownloadContentAsync()).Value.Content, (await blob.GetPropertiesAsync()).Value.Metadata);
        await blob.DeleteAsync();
        undo.Push(() => blob.UploadAsync(content, new Azure.Storage.Blobs.Models.BlobUploadOptions { Metadata = metadata }));
        return this;
    }

    /// <summary>Changes a blob's metadata.</summary>
    public async Task MarkAsync(string container, string name, string mark, string value)
    {
        var blob = Account.Container(container).GetBlobClient(name);
        var before = (await blob.GetPropertiesAsync()).Value.Metadata;
        await blob.SetMetadataAsync(new Dictionary<string, string>(before) { [mark] = value });
        undo.Push(() => blob.SetMetadataAsync(before));
    }

    /// <summary>Changes one bit in the middle.</summary>
    public async Task FlipAsync(string container, string name)
    {
        var blob = Account.Container(container).GetBlobClient(name);
        var (content, metadata) = ((await blob.DownloadContentAsync()).Value.Content, (await blob.GetPropertiesAsync()).Value.Metadata);
        var bad = content.ToArray();
        bad[bad.Length / 2] ^= 1;
        Task PutAsync(BinaryData bytes) => blob.UploadAsync(bytes, new Azure.Storage.Blobs.Models.BlobUploadOptions { Metadata = metadata });
        await PutAsync(new BinaryData(bad));
        undo.Push(() => PutAsync(content));
    }

    public async Task<Plants> PoisonAsync(string text)
    {
        var poison = Account.Queue(Names.PoisonQueue(Names.UploadsQueue));
        await poison.SendMessageAsync(text);
        undo.Push(() => poison.ClearMessagesAsync());
        return this;
    }

    /// <summary>Undone last of all that was planted before.</summary>
    public void Undo(Func<Task> action) => undo.Push(action);

    /// <summary>Audits, and finds everything that was expected where it was planted. Returns what was found.</summary>
    public async Task<Findings> FindAsync(TimeSpan ahead = default, Func<FsckCommand.Inputs, FsckCommand.Inputs>? change = null)
    {
        var findings = await AuditAsync(ahead: ahead, change: change);
        foreach (var (code, where) in expected)
            Assert.IsTrue(findings.All.Any(f => Is(f, code, where)), $"no {code} at {where}:\n{Lines(findings)}");

        foreach (var (code, where) in noted)
            Assert.IsTrue(findings.Notes.Any(f => Is(f, code, where)), $"no note {code} at {where}:\n{string.Join('\n', findings.Notes)}");

        expected.Clear();
        noted.Clear();
        return findings;
    }

    /// <summary>The same, and nothing else is found.</summary>
    public async Task FindOnlyAsync(TimeSpan ahead = default, Func<FsckCommand.Inputs, FsckCommand.Inputs>? change = null)
    {
        var wanted = expected.ToList();
        var findings = await FindAsync(ahead, change);
        var others = findings.All.Where(f => !wanted.Any(w => Is(f, w.Code, w.Where))).ToList();
        Assert.HasCount(0, others, $"beside what was planted:\n{string.Join('\n', others)}");
    }

    private static bool Is(Finding finding, string code, string where) => finding.Code == code && finding.Where.Contains(where, StringComparison.Ordinal);

    public async ValueTask DisposeAsync()
    {
        while (undo.TryPop(out var action))
            await action();
    }

    public static TableEntity Copy(TableEntity row, string partition, string key)
    {
        var copy = new TableEntity(partition, key);
        foreach (var (name, value) in row.Where(column => IsColumn(column.Key)))
            copy[name] = value;

        return copy;
    }

    /// <summary>Whether it is the row's own, and not a key or what the service says about the row.</summary>
    public static bool IsColumn(string name) => name is not ("PartitionKey" or "RowKey" or "Timestamp" or "odata.etag");
}
