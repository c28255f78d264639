using System.Buffers.Binary;

namespace Notary.Cli.Tests;

/// <summary>Deposits as rows, without a platform: for what a whole one would take too long to make.</summary>
internal static class DepositScale
{
    public static DepositRecord Row(int number, DateTimeOffset received, ChainHead? head = null)
    {
        var salt = new byte[32];
        BinaryPrimitives.WriteInt32BigEndian(salt, number);
        var manifest = new Manifest(DepositId.New(TimeProvider.System), "digest", "did:web:firm.example", received, salt,
            [ManifestItem.Of("", null, "text/plain", Digest.Of(salt))], head, null, new Dictionary<string, string>());
        var bytes = manifest.ToBytes();
        var partition = RawTables.Shard("scale");
        return new DepositRecord($"deposits/{partition}/d|scale|{manifest.Id}", partition,
            "scale", manifest.Id.ToString(), bytes, Digest.Of(bytes).ToString(), number)
        {
            Tokens = new Dictionary<string, byte[]>(),
            Originals = [],
            LetterOnRequest = true,
            KeyAgrees = true,
        };
    }

    /// <summary>One row, alone in its log.</summary>
    public static async Task<Findings> JudgeAsync(DepositRecord row, Uri rpc)
    {
        using var http = new HttpClient();
        var audit = Audit();
        var tree = new EdgeTree();
        tree.Append(Digest.Of(row.Manifest));
        await Deposits(audit, new LogFacts(tree, [audit.Prints.Of(Digest.Of(row.Manifest))], 1, new Timeline(), true), new ChainNode(http, rpc))
            .RunAsync(row, CancellationToken.None);
        return audit.Findings;
    }

    public static Audit Audit() => new(FsckBed.Account, FsckBed.Inputs.Trust, new Findings(), new Progress(TextWriter.Null), TimeProvider.System.GetUtcNow());

    public static DepositAudit Deposits(Audit audit, LogFacts log, ChainNode? node)
        => new(audit, log, node, new OriginalAudit(audit, null, 0), new LetterAudit(audit));
}
