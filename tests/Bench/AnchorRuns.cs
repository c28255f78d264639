using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Notary.Orchestration;
using Notary.Timestamping;
using Notary.Verification.Letters;

namespace Notary.Bench;

/// <summary>Our side of the anchors: a log that grows batch by batch.</summary>
internal sealed class AnchorRuns(LocalChain chain, string contract, AnchorSender anchors, VaultSigner log, TimeAuthorities authorities)
{
    private const string Origin = "notary.bench/log";

    private readonly ConcurrentDictionary<string, byte[]> tiles = new(StringComparer.Ordinal);
    private CompactRange range = CompactRange.Empty;

    public static async Task<AnchorRuns> OpenAsync(Azurite azurite, LocalChain chain, VaultSigner log, ChainSigner sender, TimeAuthorities authorities)
    {
        var storage = await NewStorageAsync(azurite);
        var contract = await chain.DeployAsync(sender.Address);
        return new(chain, contract, new AnchorSender(chain.Client(contract), sender, storage.Table(Names.Chain), chain.Options(contract)), log, authorities);
    }

    /// <summary>One batch of leaves, from their digests to a mined anchor.</summary>
    /// <returns>Deposits a second.</returns>
    public async Task<double> InMemoryAsync(int count)
    {
        byte[][] entries = [.. Enumerable.Range(0, count).Select(_ => RandomNumberGenerator.GetBytes(Digest.Size))];
        var clock = Stopwatch.StartNew();
        var next = range.Append([.. entries.Select(entry => Merkle.LeafHash(entry))]);
        foreach (var (path, bytes) in await Tiles.GrowAsync(range.Size, entries, ReadAsync, default))
            tiles[path] = bytes;

        range = next;
        var body = new Checkpoint(Origin, range.Size, range.Root()).ToBody();
        var signature = await log.SignAsync(SHA256.HashData(Encoding.UTF8.GetBytes(body)));
        var note = SignedNote.Format(body, Origin, SignedNote.KeyId(Origin, log.PublicKeySpki), SignedNote.FromP1363(signature));
        var stamped = await authorities.StampAllAsync(Digest.Of(Encoding.UTF8.GetBytes(note)), [], default);
        await anchors.SubmitAsync(range.Size, range.Root());
        while (await anchors.CheckAsync(range.Size) is not AnchorStatus.Mined)
            await Task.Delay(1);

        var seconds = clock.Elapsed.TotalSeconds;
        await DemandAsync(stamped.Complete, "both authorities' tokens");
        await DemandAsync(await Tiles.RootAsync(range.Size, ReadAsync, default) == range.Root(), "the tiles under the checkpoint");
        await DemandAsync(SignedNote.TryVerify(note, Origin, log.PublicKeySpki, out _), "the checkpoint's signature");
        await DemandAsync(await chain.LatestAsync(contract) == (range.Size, range.Root()), "the root on the chain");
        return count / seconds;
    }

    /// <summary>One batch of rows that wait in an account of their own, by the app's sequencer and processes, until the anchor's proof is kept.</summary>
    /// <returns>Deposits a second.</returns>
    public static async Task<double> StoredAsync(Azurite azurite, LocalChain chain, VaultSigner log, ChainSigner sender, TimeAuthorities authorities, int count)
    {
        var storage = await NewStorageAsync(azurite);
        await Rows.PrepareAsync(storage, count);
        var contract = await chain.DeployAsync(sender.Address);
        var clock = TimeProvider.System;
        var settings = new DepositsSettings
        {
            Origin = Origin,
            Office = new LetterOffice("示范公证处", "Notary Office"),
            Parties = new LetterParties("示范", "示范市示范路 1 号", "示范平台有限公司", "示范存证链", "示范链运营有限公司"),
            PublicUrl = new Uri("https://notary.example"),
            Confirmations = 1,
            PollInterval = TimeSpan.FromMilliseconds(5),
        };
        using var hub = new TaskHub(storage, NullLoggerFactory.Instance);
        var door = new DurableDoor();
        door.Offer(hub.Client());
        using var sequencer = new Sequencer(storage, log, new OrchestrationStarter(storage, door), settings, clock, NullLogger<Sequencer>.Instance);
        var anchors = new AnchorSender(chain.Client(contract), sender, storage.Table(Names.Chain), chain.Options(contract));
        var work = new CheckpointWork(storage, authorities, anchors, settings, clock);

        var watch = Stopwatch.StartNew();
        sequencer.Nudge();
        await DemandAsync(await sequencer.RunOnceAsync(default) == Sequencer.Outcome.Advanced, "the batch in the log");
        await DemandAsync((await work.StampAsync(count, default)).Taken && await work.BeginAnchorAsync(count, null, default) is null, "the anchor under way");
        while (await work.ConfirmAsync(count, default) is not { Final: true })
        {
        }

        var seconds = watch.Elapsed.TotalSeconds;
        await DemandAsync((await chain.LatestAsync(contract)).Size == count, "the batch on the chain");
        await DemandAsync(await Rows.PendingAsync(storage) == 0, "no row left waiting");
        return count / seconds;
    }

    private static async Task<StorageAccount> NewStorageAsync(Azurite azurite)
    {
        var storage = StorageAccount.Open(new StorageOptions { ConnectionString = azurite.ConnectionStringFor(azurite.NewAccount()) });
        await storage.EnsureCreatedAsync();
        return storage;
    }

    private Task<byte[]> ReadAsync(string path, CancellationToken cancel)
        => tiles.TryGetValue(path, out var bytes) ? Task.FromResult(bytes) : throw new FileNotFoundException("no such tile", path);

    private static Task DemandAsync(bool holds, string what)
        => holds ? Task.CompletedTask : throw new InvalidOperationException($"missing after the run: {what}");
}
