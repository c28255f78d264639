using System.Numerics;
using Nethereum.Model;
using Nethereum.Signer;
using Notary.Chain;
using Notary.Evidence;
using Notary.Evidence.Ethereum;

namespace Notary.Servers;

/// <summary>A consortium on a chain of this machine: the platform's account and three organisations more, with certificates and accounts that are kept as
/// files. Only here are all members' keys in one hand.</summary>
/// <param name="folder">Gets <c>NAME.key</c> and <c>NAME.crt</c> of each certificate, and <c>NAME.account</c>, an account's key in hexadecimal.</param>
/// <param name="office">The first member's account.</param>
public sealed class LocalConsortium(Anvil anvil, ChainClient chain, string folder, ChainSigner office)
{
    /// <summary>With four, one can be suspended or removed: fewer than three voters are never left.</summary>
    private static readonly string[] Names = ["公证处 Notary office", "银行 Bank", "法院 Court", "大学 University"];

    private static readonly string[] Files = ["office", "bank", "court", "university"];

    private const long Backdated = 600;
    private const long Validity = 730 * 24 * 3600;
    private const long Period = 24 * 3600;
    private const long MaxGas = 2_000_000;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private readonly ChainSigner[] accounts = [office, .. Files.Skip(1).Select(file => OpenAccount(folder, file))];
    private long proposals;

    public Address Contract { get; set; }

    public string Folder => folder;

    /// <summary>Founds it; the address.</summary>
    public async Task<string> FoundAsync(ChainSigner deployer, ChainOptions options, CancellationToken cancel = default)
    {
        var contract = await ContractDeployment.NextAsync(chain, deployer, cancel);
        var now = await NowAsync();
        var founders = Enumerable.Range(0, Names.Length).Select(i =>
        {
            using var certificate = Certificate(i, out var root);
            using var key = certificate.GetECDsaPrivateKey()!;
            var point = key.ExportParameters(false).Q;
            var founder = new ConsortiumCandidate(Names[i], Digest.Of(certificate.RawData), root, point.X!, point.Y!,
                NodeTypes.Production | NodeTypes.Service, accounts[i].Address, now - Backdated, now + Validity);
            return (founder, ConsortiumContract.Lower(key.SignData(ConsortiumContract.Message(chain.ChainId, contract, founder), HashAlgorithmName.SHA256)));
        }).ToArray();

        // Who tries out a vote pays for its gas.
        foreach (var account in accounts)
            await anvil.FundAsync(account.Address.ToLowerHex(), BigInteger.Pow(10, 20));

        var founding = ConsortiumContract.EncodeFounding(founders, [.. founders.Select(f => f.founder.Root).Distinct()], 1, 2);
        return await ContractDeployment.DeployConsortiumAsync(chain, deployer, founding, options, TimeProvider.System, cancel);
    }

    /// <summary>The first proposes nothing here: the others suspend, resume or remove him.</summary>
    public Task AboutOfficeAsync(ChangeKind kind, string reason) => DecideAsync(deadline => ConsortiumContract.EncodeAbout(kind, 1, reason, deadline), 1, 2, 3);

    /// <summary>The first of the voters proposes, all vote yes, and he executes.</summary>
    private async Task DecideAsync(Func<long, byte[]> proposal, params int[] voters)
    {
        await SendAsync(accounts[voters[0]], proposal(await NowAsync() + Period));
        proposals++;
        foreach (var voter in voters)
            await SendAsync(accounts[voter], ConsortiumContract.EncodeVote(proposals, inFavour: true));

        await SendAsync(accounts[voters[0]], ConsortiumContract.EncodeExecute(proposals));
    }

    private async Task SendAsync(ChainSigner by, byte[] data)
    {
        await chain.EstimateGasAsync(by.Address, Contract, data);
        var nonce = await chain.NonceAsync(by.Address);
        var signed = await by.SignAsync(
            new Transaction1559(chain.ChainId, nonce, 1_000_000_000, 100_000_000_000, MaxGas, Contract.ToLowerHex(), 0, Hex.Of(data), []));
        var answer = await chain.SendAsync(signed);
        if (answer.Outcome != SendOutcome.Accepted)
            throw new InvalidOperationException(answer.Message);

        while (await chain.NonceAsync(by.Address) == nonce)
        {
            await anvil.MineAsync();
            await Task.Delay(PollInterval);
        }
    }

    private async Task<long> NowAsync()
        => Hex.Long((await anvil.CallAsync("eth_getBlockByNumber", "latest", false)).GetProperty("timestamp").GetString());

    private X509Certificate2 Certificate(int member, out Digest root)
    {
        using var authority = TestCertificates.OpenRoot(folder, "root", "Model Consortium Root");
        root = Digest.Of(authority.RawData);
        return PemFolder.Open(folder, Files[member], () =>
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            using var issued = TestCertificates.IssueLetterSigner(authority, key.ExportSubjectPublicKeyInfo(), Names[member]);
            return issued.CopyWithPrivateKey(key);
        });
    }

    /// <summary>The account of <c>NAME.account</c>, made when there is none.</summary>
    public static ChainSigner OpenAccount(string folder, string name)
    {
        var file = Path.Combine(folder, name + ".account");
        if (!File.Exists(file))
        {
            Directory.CreateDirectory(folder);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

            using var writer = new StreamWriter(file, options);
            writer.Write(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
        }

        // The library's own bytes of the secret have no leading zeros.
        var secret = Convert.FromHexString(File.ReadAllText(file));
        var point = new EthECKey(secret, isPrivate: true).GetPubKeyNoPrefix();
        var pair = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.CreateFromValue("1.3.132.0.10"), D = secret, Q = new ECPoint { X = point[..32], Y = point[32..] },
        });
        return ChainSigner.FromSpki(pair.ExportSubjectPublicKeyInfo(), (hash, _) => Task.FromResult(pair.SignHash(hash.Span)));
    }
}
