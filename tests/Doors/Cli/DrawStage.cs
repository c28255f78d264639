using System.IO.Compression;
using System.Numerics;
using Notary.Chain;
using Notary.Chain.Draws;
using Notary.Evidence.Drand;
using Notary.Evidence.Ethereum;
using Notary.Evidence.Tests.Draws;
using Notary.Servers;
using Notary.Verification.Certificates;

namespace Notary.Cli.Tests;

/// <summary>Draws held for real, without the platform: a chain with the registry, a drand chain whose clock is a day ahead, two notaries, deposits.</summary>
internal sealed class DrawStage : IAsyncDisposable
{
    private static readonly HttpClient Http = new();

    private readonly SoftAuthenticator[] notaries = [new("notary-1"), new("notary-2")];

    private DrawStage(Anvil anvil, DrandBeacon beacon, SampleEvidence deposits, DrandChain drand, Address registry)
        => (Anvil, Beacon, Deposits, Drand, Registry) = (anvil, beacon, deposits, drand, registry);

    public Anvil Anvil { get; }

    public DrandBeacon Beacon { get; }

    public SampleEvidence Deposits { get; }

    public DrandChain Drand { get; }

    public Address Registry { get; }

    public Address Publisher { get; } = new(RandomNumberGenerator.GetBytes(Address.Size));

    /// <summary>One key a line, as <c>--notaries</c> takes them.</summary>
    public string Keys => "# keys of the office\n" + string.Concat(notaries.Select(n =>
        System.Buffers.Text.Base64Url.EncodeToString(n.Approve(default, ApprovalStep.Publish, default).Key) + $" {n.Notary}\n"));

    public static async Task<DrawStage> CreateAsync()
    {
        var beacon = await DrandBeacon.StartAsync(new DrandBeaconOptions { Genesis = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 1000 });
        await beacon.TellAsync(new DrandBehaviour(Ahead: 86_400));
        var drand = DrandChain.ParseInfo(await beacon.InfoAsync());
        var anvil = await Anvil.StartAsync();
        var options = new ChainOptions { RpcUrls = [anvil.Url], ChainId = anvil.ChainId, Contract = "0x" + new string('0', 40) };
        using var key = ECDsa.Create(ECCurve.CreateFromValue("1.3.132.0.10"));
        var deployer = ChainSigner.FromSpki(key.ExportSubjectPublicKeyInfo(), (hash, _) => Task.FromResult(key.SignHash(hash.Span)));
        await anvil.FundAsync(deployer.Address.ToLowerHex(), BigInteger.Pow(10, 20));
        var registry = await ContractDeployment.DeployRegistryAsync(
            new ChainClient(options, Http, TimeProvider.System), deployer, drand, TimeSpan.FromSeconds(12), options, TimeProvider.System);
        await anvil.CallAsync("evm_setAutomine", false);
        await anvil.CallAsync("anvil_autoImpersonateAccount", true);
        return new DrawStage(anvil, beacon, await SampleEvidence.CreateAsync(), drand, Address.Parse(registry));
    }

    /// <summary>Publishes a draw of forty candidates in two groups with two rounds, and ten blocks for commits and for reveals.</summary>
    /// <param name="revealsUntil">From now, as the plan says.</param>
    public async Task<StagedDraw> PublishAsync(bool rehearsal = false, BeaconSource source = BeaconSource.Drand, int revealsUntil = 2)
    {
        var drawId = DrawPlan.NewId(Publisher);
        var rules = new DrawRules(["A", "B"],
            [new DrawRound(3, 2, ["A"], EarlierWinners: false, Weights: false), new DrawRound(5, 2, [], EarlierWinners: false, Weights: true)]);
        var rows = "id,name,group,weight\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"{i:0000},张{i},{"AB"[i % 2]},{(i % 3) + 1}\n"));
        using var csv = new MemoryStream(Encoding.UTF8.GetBytes(rows));
        var list = await ListImport.ReadAsync(csv, ListFormat.Csv, null, rules, new ListSecret(new byte[ListSecret.Size]), null, default);
        var head = await HeadAsync();
        var round = Drand.RoundFrom(TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(1));
        var document = new DrawDocument(drawId, rehearsal, rules, list.Commitment(), DrawFormat.Digest,
            source == BeaconSource.Drand ? new BeaconPlan.Drand(Drand.Hash, round) : new BeaconPlan.Block(Anvil.ChainId, head + 20, 3),
            head + 20, Anvil.ChainId, Registry);
        var now = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        var plan = new PlanDocument(drawId, new PlanTerms("二〇二六年度摇号", rehearsal, rules,
            new DrawSchedule(now.AddHours(revealsUntil - 2), now.AddHours(revealsUntil - 1), now.AddHours(revealsUntil)),
            (BeaconKind)source, []), list.Commitment());
        await SendAsync(Publisher, DrawCall.Publish(new DrawPlan(drawId, rehearsal ? DrawKind.Rehearsal : DrawKind.Draw, document.Commitment(),
            head + 10, head + 20, source, source == BeaconSource.Drand ? round : 3, [])));
        return new StagedDraw(document, plan, list, head + 10);
    }

    /// <summary>The same, with three parties of which two reveal, a result on chain, and all files in the folder.</summary>
    public async Task<StagedDraw> HoldAsync(
        string folder, bool rehearsal = false, BeaconSource source = BeaconSource.Drand, int revealsUntil = 2, bool abort = false)
    {
        var staged = await PublishAsync(rehearsal, source, revealsUntil);
        var parties = Enumerable.Range(0, 3)
            .Select(_ => (Account: new Address(RandomNumberGenerator.GetBytes(20)), Secret: RandomNumberGenerator.GetBytes(32))).ToList();
        foreach (var (account, secret) in parties)
            await SendAsync(account, DrawCall.Commit(staged.Draw.Id, account, secret));

        await MineToAsync(staged.CommitDeadline);
        foreach (var (account, secret) in parties.Where((_, i) => i != 1))
            await SendAsync(account, DrawCall.Reveal(staged.Draw.Id, secret));

        await FinishAsync(staged, folder, abort);
        return staged;
    }

    /// <summary>Seed, result and files of a draw whose parties have done their part.</summary>
    public async Task FinishAsync(StagedDraw staged, string folder, bool abort = false)
    {
        var draw = staged.Draw;
        await MineToAsync(draw.RevealDeadline + 3);
        var seed = draw.Beacon is BeaconPlan.Drand d
            ? DrawCall.FixSeed(draw.Id, DrandRound.Parse(await Http.GetByteArrayAsync(new Uri(Beacon.Url, $"{Drand.Hash}/public/{d.Round}")), d.Round))
            : DrawCall.FixSeed(draw.Id);
        await SendAsync(Publisher, seed);
        var sight = await Verification.Ethereum.DrawOnline.ReadAsync(draw.ChainId, Registry, draw.Id, 1, Anvil.Url, Http);
        var seen = sight.Draw!;
        var reveals = new DrawReveals(
            [.. seen.Parties.Select(p => new DrawCommit(p.Account, p.Commitment, p.Secret))], (BeaconKind)seen.Source, seen.Beacon!.Value);
        Directory.CreateDirectory(Path.Combine(folder, "evidence"));
        await using (var winners = File.Create(Path.Combine(folder, "winners.csv")))
        {
            staged.Result = await DrawResult.DrawAsync(draw, staged.List, reveals, winners, null, null, default);
        }

        await using (var rows = File.Create(Path.Combine(folder, "public.csv")))
        {
            await staged.List.WriteAsync(rows, default);
        }

        await SendAsync(Publisher, abort ? DrawCall.Abort(draw.Id, staged.Result.ToDigest()) : DrawCall.Finish(draw.Id, staged.Result.ToDigest()));
        (string Name, byte[] Bytes)[] files =
        [
            ("plan.json", staged.Plan.ToBytes()), ("draw.json", draw.ToBytes()), ("reveals.json", reveals.ToBytes()), ("result.json", staged.Result.ToBytes()),
            ("evidence/commitment.zip", await DepositAsync(staged, "draw.json", draw.ToBytes())),
            ("evidence/result.zip", await DepositAsync(staged, "result.json", staged.Result.ToBytes())),
        ];
        foreach (var (name, bytes) in files)
            await File.WriteAllBytesAsync(Path.Combine(folder, name), bytes);

        if (!draw.Rehearsal)
            await File.WriteAllBytesAsync(Path.Combine(folder, "approvals.json"), Approve(staged).ToBytes());

        await File.WriteAllBytesAsync(Path.Combine(folder, "certificate.pdf"), await Deposits.CertificateAsync(Certificate(staged, reveals)));
    }

    /// <summary>What the office certifies of it.</summary>
    public CertificateFacts Certificate(StagedDraw staged, DrawReveals reveals) => new(
        "〔2026〕示摇字第1号", Deposits.Trust.Issuer!.Office!, SampleEvidence.Parties, staged.Plan.Terms.Title, "示范市住房保障中心", staged.Draw, staged.Result,
        staged.Plan.ToDigest(), staged.Draw.Beacon is BeaconPlan.Drand d ? Drand.TimeOf(d.Round) : null,
        [.. reveals.Commits.Select(c => new CertificateParty(c.Party.ToLowerHex(), c.Secret is not null))],
        staged.Draw.Rehearsal ? [] : [.. Approve(staged).Approvals.Select(a => new CertificateApproval(DrawApproval.Word(a.Step), a.Name, a.At))],
        staged.Deposits[0], staged.Deposits[1], new Uri($"https://notary.example/draws/{staged.Draw.Id}"), staged.Plan.Terms.Schedule.RevealsUntil);

    /// <summary>By both notaries, or as many as are said.</summary>
    public DrawApprovals Approve(StagedDraw staged, int people = 2)
    {
        (ApprovalStep, Digest)[] steps = [(ApprovalStep.Publish, staged.Plan.ToDigest()), (ApprovalStep.Commit, staged.Draw.Commitment()),
            (ApprovalStep.Result, staged.Result.ToDigest())];
        return new DrawApprovals(staged.Draw.Id, SoftAuthenticator.RpId,
            [.. steps.SelectMany(s => notaries.Take(people).Select(n => n.Approve(staged.Draw.Id, s.Item1, s.Item2)))]);
    }

    public static async Task ZipAsync(string folder, string zip)
    {
        File.Delete(zip);
        await ZipFile.CreateFromDirectoryAsync(folder, zip);
    }

    public async Task MineToAsync(long block)
    {
        if (block > await HeadAsync())
            await Anvil.MineAsync((int)(block - await HeadAsync()));
    }

    /// <summary>The evidence of a deposit made now.</summary>
    private async Task<byte[]> DepositAsync(StagedDraw staged, string name, byte[] content)
    {
        await Deposits.RemakeAsync(new SampleShape { Name = name, Content = content });
        staged.Deposits.Add(Manifest.Parse(Deposits.Contents.Manifest.Span).Id.ToString());
        return await Deposits.BundleAsync(withOriginal: false);
    }

    public async ValueTask DisposeAsync()
    {
        await Anvil.DisposeAsync();
        await Beacon.DisposeAsync();
        await Deposits.DisposeAsync();
        foreach (var notary in notaries)
            notary.Dispose();
    }

    private async Task<long> HeadAsync() => Hex.Long((await Anvil.CallAsync("eth_blockNumber")).GetString());

    private async Task SendAsync(Address from, DrawCall call)
    {
        await Anvil.FundAsync(from.ToLowerHex(), BigInteger.Pow(10, 20));
        var hash = (await Anvil.CallAsync("eth_sendTransaction", new JsonObject
        {
            ["from"] = from.ToLowerHex(), ["to"] = Registry.ToLowerHex(), ["data"] = Hex.Of(call.Data), ["gas"] = "0x4c4b40",
        })).GetString()!;
        await Anvil.MineAsync();
        var receipt = await Anvil.CallAsync("eth_getTransactionReceipt", hash);
        if (receipt.GetProperty("status").GetString() != "0x1")
            throw new InvalidOperationException($"{call.Name} was refused");
    }
}

/// <summary>A draw on the stage.</summary>
internal sealed record StagedDraw(DrawDocument Draw, PlanDocument Plan, PublicList List, long CommitDeadline)
{
    public DrawResult Result { get; set; } = null!;

    /// <summary>Of draw.json, then of result.json.</summary>
    public List<string> Deposits { get; } = [];
}
