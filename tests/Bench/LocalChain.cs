using System.Numerics;
using Nethereum.Model;
using Notary.Evidence.Ethereum;

namespace Notary.Bench;

/// <summary>Accounts with keys in this process, and contracts of their own, on a running anvil.</summary>
internal sealed class LocalChain(Anvil anvil, HttpClient http)
{
    private const int Senders = 4;
    private const long AnchorGas = 100_000;
    private static readonly BigInteger Money = BigInteger.Pow(10, 21);
    private static readonly BigInteger Tip = 1_000_000_000;
    private static readonly BigInteger MaxFee = 100_000_000_000;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public ChainOptions Options(string contract) => new() { RpcUrls = [anvil.Url], ChainId = anvil.ChainId, Contract = contract, Confirmations = 1 };

    public ChainClient Client(string contract) => new(Options(contract), http, TimeProvider.System);

    /// <summary>An account with money.</summary>
    public async Task<ChainSigner> AccountAsync()
    {
        var key = ECDsa.Create(ECCurve.CreateFromValue("1.3.132.0.10"));
        var account = ChainSigner.FromSpki(key.ExportSubjectPublicKeyInfo(), (hash, _) => Task.FromResult(key.SignHash(hash.Span)));
        await FundAsync(account.Address);
        return account;
    }

    public Task FundAsync(Address account) => anvil.FundAsync(account.ToString(), Money);

    /// <summary>A contract that nobody has used; a new account deploys it, since a deployer's earlier one would be found again.</summary>
    public async Task<string> DeployAsync(Address sender)
    {
        var options = Options("0x0000000000000000000000000000000000000000");
        return await ContractDeployment.DeployAsync(new ChainClient(options, http, TimeProvider.System),
            await AccountAsync(), [sender], options, TimeProvider.System);
    }

    /// <summary>The newest size that a contract holds, and its root.</summary>
    public async Task<(long Size, Digest Root)> LatestAsync(string contract)
        => await Client(contract).CallAsync(Address.Parse(contract), ContractArtifact.EvidenceAnchor.Call("latest")) is var answer
            ? ((long)ContractArtifact.EvidenceAnchor.Read<ulong>("latest", answer), new Digest(answer.AsSpan(32)))
            : default;

    /// <summary>One transaction for each deposit, signed beforehand, by four senders at once; mined when this returns.</summary>
    /// <returns>Transactions a second.</returns>
    public async Task<double> OneEachAsync(int deposits)
    {
        var account = await AccountAsync();
        var contract = await DeployAsync(account.Address);
        var signed = new List<string>();
        for (var i = 0; i < deposits; i++)
        {
            var data = ContractArtifact.EvidenceAnchor.Call("anchor", i + 1L, Digest.Of(BitConverter.GetBytes(i)));
            var transaction = new Transaction1559(anvil.ChainId, i, Tip, MaxFee, AnchorGas, contract, 0, Hex.Of(data), []);
            signed.Add("0x" + Convert.ToHexStringLower(await account.SignAsync(transaction, default)));
        }

        var next = -1;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(async _ =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < deposits;)
                await anvil.CallAsync("eth_sendRawTransaction", signed[i]);
        }));
        while ((await LatestAsync(contract)).Size < deposits)
        {
            if (clock.Elapsed > Patience)
                throw new InvalidOperationException("anvil did not mine what it was sent");

            await Task.Delay(1);
        }

        var seconds = clock.Elapsed.TotalSeconds;
        return (await LatestAsync(contract)).Root == Digest.Of(BitConverter.GetBytes(deposits - 1))
            ? deposits / seconds
            : throw new InvalidOperationException("the last deposit is not on the chain");
    }
}
