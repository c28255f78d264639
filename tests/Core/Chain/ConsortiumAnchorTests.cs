using Notary.Verification;
using Notary.Verification.Ethereum;

namespace Notary.Chain.Tests;

/// <summary>The platform's sender in front of the consortium's contract: as a member, suspended, removed, and on the way from the earlier contract.</summary>
[TestClass]
public sealed class ConsortiumAnchorTests
{
    private static readonly HttpClient Http = new();

    [TestMethod]
    public async Task A_member_anchors_until_he_may_not_and_is_told_why_and_what_he_anchored_stays()
    {
        await using var bed = await Bed.OpenAsync();
        var (scene, sender) = (bed.Scene, bed.SenderTo(await bed.AnchorAsync(former: null)));
        await AnchorAsync(scene, sender, 5);
        var proof = (await sender.ProofAsync(5))!;
        Assert.AreEqual(bed.Options.Contract, proof.Contract);

        var spent = await scene.NonceAsync();
        await bed.Consortium.AboutOfficeAsync(ChangeKind.Suspend, "certificate expired");
        Assert.Contains("member 1 is suspended (certificate expired)", await RefusedAsync(sender, 9));
        await bed.Consortium.AboutOfficeAsync(ChangeKind.Resume, "renewed");
        await AnchorAsync(scene, sender, 9);
        await bed.Consortium.AboutOfficeAsync(ChangeKind.Remove, "left");
        Assert.Contains("member 1 is removed", await RefusedAsync(sender, 12));
        Assert.Contains("it is no member's account", await RefusedAsync(bed.SenderTo(bed.Options.Contract, scene.Admin), 12));

        // Nothing was paid for what was refused, and the old anchors are as good as before, without a node and with one.
        Assert.AreEqual(spent + 1, await scene.NonceAsync());
        var trusted = (proof.ChainId, bed.Options.Contract, scene.Signer.Address.ToLowerHex());
        Assert.IsTrue(AnchorVerifier.Check(proof, 5, ChainScene.Root(5), trusted.ChainId, trusted.Contract, [trusted.Item3]).Ok);
        var online = await AnchorVerifier.CheckOnlineAsync(
            proof, 5, ChainScene.Root(5), trusted.ChainId, trusted.Contract, ChainScene.Confirmations, scene.Anvil.Url, Http, [trusted.Item3]);
        Assert.AreEqual(AnchorOutcome.Canonical, online.Outcome, online.Reason);
        Assert.IsInstanceOfType<AnchorStatus.Mined>(await sender.CheckAsync(5));
    }

    [TestMethod]
    public async Task Going_over_loses_no_anchor_and_pays_none_twice()
    {
        await using var bed = await Bed.OpenAsync();
        var (scene, earlier) = (bed.Scene, bed.Scene.Contract);
        var forgotten = LocalConsortium.OpenAccount(bed.Consortium.Folder, "forgotten");
        await bed.SendAsync(earlier, ChainScene.Call("grant", forgotten.Address));
        await AnchorAsync(scene, scene.Sender, 10);

        // 20 is in a block and not final, 30 is signed and in no block, when the earlier contract is closed before it.
        await scene.Sender.SubmitAsync(20, ChainScene.Root(20));
        await scene.Anvil.MineAsync();
        var next = await bed.AnchorAsync(scene.Contract);
        Assert.Contains("the earlier one must be taken over first", await RefusedAsync(bed.SenderTo(next), 30));
        await bed.SendAsync(scene.Contract, ConsortiumAnchorContract.EncodeChangeAdmin(Address.Parse(next)));
        await scene.Sender.SubmitAsync(30, ChainScene.Root(30));
        await bed.SendAsync(Address.Parse(next), ConsortiumAnchorContract.EncodeTakeOver([scene.Signer.Address]), tip: 50_000_000_000);
        Assert.AreEqual(2, (await scene.EventsAsync()).Count);

        var sender = bed.SenderTo(next);
        var former = (AnchorStatus.Mined)await sender.CheckAsync(20);
        Assert.AreEqual(former.Transaction, ((AnchorStatus.Mined)await scene.Sender.CheckAsync(20)).Transaction);
        Assert.AreEqual(scene.Options.Contract, (await sender.ProofAsync(20))!.Contract);
        Assert.IsInstanceOfType<AnchorStatus.Mined>(await sender.CheckAsync(10));

        // The one that was shut out is signed anew for the new contract: what is spent on the earlier one can anchor nothing there any more.
        for (var block = 0; block < 2 * ChainScene.Confirmations && await sender.CheckAsync(30) is not AnchorStatus.Mined; block++)
            await scene.Anvil.MineAsync();

        Assert.IsInstanceOfType<AnchorStatus.Mined>(await sender.CheckAsync(30));
        Assert.AreEqual(next, (await sender.ProofAsync(30))!.Contract);
        await AnchorAsync(scene, sender, 40);
        Assert.AreEqual(2, (await scene.EventsAsync()).Count);
        scene.Options.Contract = next;
        CollectionAssert.AreEqual(new long[] { 30, 40 }, (await scene.EventsAsync()).Select(e => e.Size).ToArray());

        // Who was forgotten writes at the earlier contract: to whoever looks at the chain it counts nowhere.
        await scene.Anvil.FundAsync(forgotten.Address.ToLowerHex(), BigInteger.Pow(10, 20));
        foreach (var (nonce, size) in new[] { (0, 35L), (1, 1_000L) })
        {
            await scene.SendForeignAsync(nonce, 100_000_000_000, 1_000_000_000, forgotten, earlier, ChainScene.Call("anchor", size, ChainScene.Root(size)));
            await scene.Anvil.MineAsync();
        }

        var explorer = new Explorer.ChainExplorer(scene.ClientOf(scene.Anvil.Url), bed.Options);
        await AnchorAsync(scene, sender, 50);
        var seen = await explorer.AnchorsAsync(null, 10, default);
        for (var clock = System.Diagnostics.Stopwatch.StartNew(); seen.Head != seen.ReadTo; seen = await explorer.AnchorsAsync(null, 10, default))
            Assert.IsLessThan(TimeSpan.FromMinutes(2), clock.Elapsed);

        Assert.AreEqual("50 40 30 20 10", string.Join(' ', seen.Anchors.Select(a => a.Size)));

        // A trust file that names both judges both; one that names the new alone, only its own.
        var old = (await sender.ProofAsync(10))!;
        var roots = new TrustRoots
        {
            Origin = "o", LogKeySpki = [], Authorities = [], LetterRoots = [], ChainId = scene.Options.ChainId, Contract = next,
            FormerContracts = bed.Options.FormerContracts,
        };
        Assert.IsTrue(AnchorVerifier.Check(old, 10, ChainScene.Root(10), roots.ChainId, roots.ContractOf(old)).Ok);
        Assert.AreEqual("anchor-wrong-chain", AnchorVerifier.Check(old, 10, ChainScene.Root(10), roots.ChainId, roots.Contract).Code);
    }

    private static async Task AnchorAsync(ChainScene scene, AnchorSender sender, long size)
    {
        await sender.SubmitAsync(size, ChainScene.Root(size));
        await scene.Anvil.MineAsync(ChainScene.Confirmations);
        Assert.IsGreaterThanOrEqualTo(ChainScene.Confirmations, ((AnchorStatus.Mined)await sender.CheckAsync(size)).Depth);
    }

    private static async Task<string> RefusedAsync(AnchorSender sender, long size)
    {
        var fault = await Assert.ThrowsExactlyAsync<FaultException>(() => sender.SubmitAsync(size, ChainScene.Root(size)));
        Assert.AreEqual(Fault.ChainRefused, fault.Fault);
        return fault.Message;
    }

    /// <summary>A scene with the earlier contract, and a consortium beside it whose first member the sender is.</summary>
    private sealed class Bed(ChainScene scene, LocalConsortium consortium, DirectoryInfo folder) : IAsyncDisposable
    {
        public ChainScene Scene => scene;

        public LocalConsortium Consortium => consortium;

        public ChainOptions Options { get; } = new()
        {
            RpcUrls = scene.Options.RpcUrls, ChainId = scene.Options.ChainId, Contract = scene.Options.Contract, Confirmations = ChainScene.Confirmations,
            RequestTimeout = scene.Options.RequestTimeout,
        };

        public static async Task<Bed> OpenAsync()
        {
            var scene = await ChainScene.CreateAsync();
            var folder = Directory.CreateTempSubdirectory("notary-members-");
            var bed = new Bed(scene, new LocalConsortium(scene.Anvil, scene.Client, folder.FullName, scene.Signer), folder);
            bed.Consortium.Contract = Address.Parse(await bed.MiningAsync(() => bed.Consortium.FoundAsync(scene.Admin, scene.Options)));
            return bed;
        }

        public Task<string> AnchorAsync(Address? former) => MiningAsync(() => ContractDeployment.DeployConsortiumAnchorAsync(
            scene.Client, scene.Admin, consortium.Contract, former, scene.Options, TimeProvider.System));

        /// <summary>The sender of an app that was told the contract, and before it the scene's.</summary>
        public AnchorSender SenderTo(string contract, ChainSigner? by = null)
        {
            Options.Contract = contract;
            Options.FormerContracts = [scene.Options.Contract];
            return new AnchorSender(scene.ClientOf(scene.Anvil.Url), by ?? scene.Signer, scene.Table, Options);
        }

        public async Task SendAsync(Address to, byte[] data, BigInteger? tip = null)
        {
            var nonce = await scene.Client.NonceAsync(scene.Admin.Address);
            await scene.SendForeignAsync(nonce, 100_000_000_000, tip ?? 1_000_000_000, scene.Admin, to, data);
            await scene.Anvil.MineAsync();
            Assert.AreEqual(nonce + 1, await scene.Client.NonceAsync(scene.Admin.Address));
        }

        public async ValueTask DisposeAsync()
        {
            await scene.DisposeAsync();
            folder.Delete(recursive: true);
        }

        private async Task<string> MiningAsync(Func<Task<string>> deploy)
        {
            await scene.Anvil.CallAsync("evm_setAutomine", true);
            var contract = await deploy();
            await scene.Anvil.CallAsync("evm_setAutomine", false);
            return contract;
        }
    }
}
