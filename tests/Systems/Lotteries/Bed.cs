using System.Buffers.Text;
using Notary.Identity.Tests.People;

namespace Notary.Lotteries.Tests;

/// <summary>The room's door on a real storage account and a real vault. Without a platform the chain is out of reach, which nobody must mind before a draw
/// is on it.</summary>
internal sealed class Bed : IAsyncDisposable
{
    public const string Origin = "http://localhost";

    public static readonly Tenant TenantA = new("tenant-a", "甲公司", "did:web:a.example", false);
    public static readonly Tenant TenantB = new("tenant-b", "乙公司", "did:web:b.example", false);

    private static readonly Uri Nowhere = new("http://127.0.0.1:9/");

    private readonly TaskHub hub;
    private readonly VaultServer? vault;
    private readonly VaultKeyEncryption wrap;

    private Bed(StorageAccount storage, VaultServer? vault, VaultKeyEncryption wrap, ChainClient chain, Address registry, Address publisher)
    {
        (Storage, this.vault, this.wrap, Chain, Publisher) = (storage, vault, wrap, chain, publisher);
        Registry = new DrawRegistry(chain, registry);
        hub = new TaskHub(storage, NullLoggerFactory.Instance);
        Door.Offer(hub.Client());
        Signers = new Signers(storage, new Uri(Origin), "示范公证处", TimeProvider.System);
        Lottery = Open();
    }

    public ChainClient Chain { get; }

    public DrawRegistry Registry { get; }

    /// <summary>The account that publishes.</summary>
    public Address Publisher { get; }

    public StorageAccount Storage { get; }

    /// <summary>To a task hub that nothing works on, or the platform's app.</summary>
    public DurableDoor Door { get; } = new();

    public DrawStarter Starter => new(Door, NullLogger<DrawStarter>.Instance);

    public Signers Signers { get; }

    public Lottery Lottery { get; }

    public static async Task<Bed> StartAsync(CancellationToken cancel)
    {
        var storage = StorageAccount.Open(new StorageOptions { ConnectionString = Shared.Azurite.ConnectionStringFor(Shared.Azurite.NewAccount()) });
        await storage.EnsureCreatedAsync(cancel);
        var vault = await VaultServer.StartAsync(cancel: cancel);
        var keys = new KeyClient(vault.Url, vault.Credential);
        await KeyNames.EnsureCreatedAsync(keys, cancel);
        var somebody = new Address(RandomNumberGenerator.GetBytes(Address.Size));
        return new Bed(storage, vault, await VaultKeyEncryption.OpenAsync(keys, KeyNames.KeyEncryption, cancel), Client(Nowhere, 1), somebody, somebody);
    }

    /// <summary>The same door that a platform's app has.</summary>
    public static async Task<Bed> BesideAsync(Platform platform, CancellationToken cancel)
    {
        var storage = StorageAccount.Open(new StorageOptions { ConnectionString = platform.ConnectionString });
        var keys = new KeyClient(platform.Vault.Url, platform.Vault.Credential);
        var sender = ChainSigner.FromVault(await VaultSigner.OpenAsync(keys, KeyNames.DrawSender, cancel));
        return new Bed(storage, null, await VaultKeyEncryption.OpenAsync(keys, KeyNames.KeyEncryption, cancel),
            Client(platform.Anvil.Url, Platform.ChainId), Address.Parse(platform.Registry), sender.Address);
    }

    /// <summary>The door as one app instance has it.</summary>
    public Lottery Open() => new(Storage, wrap, Publisher, Registry, Settings(Chain.ChainId), Starter, Signers, TimeProvider.System);

    public static ChainOptions Options(Uri url, long chainId)
        => new() { RpcUrls = [url], ChainId = chainId, Contract = "0x" + new string('0', 40), Confirmations = Confirmations };

    /// <summary>Blocks under which something counts.</summary>
    public const int Confirmations = 2;

    private static ChainClient Client(Uri url, long chainId) => new(Options(url, chainId), new HttpClient(), TimeProvider.System);

    private static LotterySettings Settings(long chainId) => new()
    {
        PublicUrl = new Uri(Origin), ChainId = chainId, Confirmations = Confirmations,
        LeastPhase = TimeSpan.FromSeconds(1), Poll = TimeSpan.FromMilliseconds(500),
    };

    /// <summary>Terms of a draw with two groups, in two rounds.</summary>
    public static PlanTerms Terms(bool rehearsal = false, string title = "2026 年保障性住房摇号", int objections = 600, int commits = 1200, int reveals = 1800)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        var rules = new DrawRules(["A", "B"], [new DrawRound(1, 1, ["A"], false, false), new DrawRound(2, 1, [], false, true)]);
        return new PlanTerms(title, rehearsal, rules,
            new DrawSchedule(now.AddSeconds(objections), now.AddSeconds(commits), now.AddSeconds(reveals)), BeaconKind.Drand, []);
    }

    /// <summary>Five candidates, of whom two have umlauts or names of several code points.</summary>
    public const string List = "id,name,group,weight\n2026-0001x,张三,A,1\n2026-0002,欧阳娜娜,B,3\n"
        + "2026-0003,\"Smith, John\",A,1\n2026-0004,李四,B,2\n2026-0005,王,A,1\n";

    public static Task<ListView> ImportAsync(Lottery lottery, Digest id, string text = List, Encoding? encoding = null)
        => lottery.ImportAsync(TenantA, id, "key:1", new MemoryStream((encoding ?? Encoding.UTF8).GetBytes(text)), ListFormat.Csv, encoding, default);

    /// <summary>A draft with a list, submitted.</summary>
    public async Task<Digest> SubmittedAsync(PlanTerms? terms = null)
    {
        var id = Digest.Parse((await Lottery.CreateAsync(TenantA, "key:1", terms ?? Terms(), null, default)).DrawId);
        await ImportAsync(Lottery, id);
        await Lottery.SubmitAsync(TenantA, id, "key:1", default);
        return id;
    }

    /// <summary>A notary with a key of his own.</summary>
    public async Task<Approver> NotaryAsync(string subject)
    {
        var (notary, authenticator) = (new DrawNotary(subject, $"公证员 {subject}"), new SoftAuthenticator(Origin));
        await Signers.EnrolAsync(notary, "phone", authenticator.Create(await Signers.BeginAsync(notary, default)), default);
        return new Approver(notary, authenticator);
    }

    /// <summary>Publishes it by two notaries.</summary>
    public async Task<Digest> PublishedAsync(PlanTerms? terms = null)
    {
        var id = await SubmittedAsync(terms);
        for (var i = 0; i < DrawApprovals.Needed; i++)
            await (await NotaryAsync($"{Guid.NewGuid()}")).ApproveAsync(Lottery, id);

        return id;
    }

    public static async Task RefusedAsync(Fault fault, Func<Task> action, string why = "")
        => Assert.AreEqual(fault, (await Assert.ThrowsExactlyAsync<FaultException>(action, why)).Fault, why);

    /// <summary>Names of all blobs of the container of draws.</summary>
    public async Task<int> BlobsAsync() => await Storage.Container(Names.DrawFiles).GetBlobsAsync(cancellationToken: default).CountAsync();

    public async ValueTask DisposeAsync()
    {
        Lottery.Dispose();
        hub.Dispose();
        if (vault is not null)
            await vault.DisposeAsync();
    }
}

/// <summary>A notary and the key in his hand.</summary>
internal sealed record Approver(DrawNotary Notary, SoftAuthenticator Authenticator)
{
    public async Task ApproveAsync(Lottery lottery, Digest id)
    {
        var request = await lottery.ToApproveAsync(id, Notary, default) ?? throw new InvalidOperationException("nothing to approve");
        await lottery.ApproveAsync(id, Notary, request.Digest, Answer(request), default);
    }

    /// <summary>Of something that there is not to approve.</summary>
    public Task ApproveAsync(Lottery lottery, Digest id, string digest)
        => lottery.ApproveAsync(id, Notary, digest, new ApprovalAnswer(Authenticator.CredentialId, [], [], []), default);

    public ApprovalAnswer Answer(ApprovalRequest request, Digest? challenge = null)
    {
        var options = new JsonObject { ["rpId"] = request.RpId, ["challenge"] = Base64Url.EncodeToString((challenge ?? request.Challenge).ToArray()) };
        var answer = JsonNode.Parse(Authenticator.Get(options.ToJsonString()))!["response"]!;
        byte[] Bytes(string name) => Base64Url.DecodeFromChars((string)answer[name]!);
        return new ApprovalAnswer(Authenticator.CredentialId, Bytes("authenticatorData"), Bytes("clientDataJSON"), Bytes("signature"));
    }
}
