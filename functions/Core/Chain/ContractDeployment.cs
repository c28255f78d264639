using Notary.Chain.Draws;

namespace Notary.Chain;

/// <summary>Puts the contracts on a chain.</summary>
public static class ContractDeployment
{
    // A contract's address follows from its creator's nonce, so one that was deployed before a crash is found again
    // among the creator's first transactions.
    private const int FirstNonces = 16;

    private const long MaxAnchorGas = 3_000_000;

    // Measured: 6,042,000 with four founders, of it 4,441,800 for the code's bytes.
    private const long MaxConsortiumGas = 12_000_000;

    // Measured: 3,302,400, of it 2,623,400 for the code's bytes.
    private const long MaxRegistryGas = 5_000_000;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(2);

    /// <summary>The anchor contract's address, lower-case: one this account deployed earlier if the chain has it, else a new one, mined when this
    /// returns. Safe to repeat; the caller keeps the address.</summary>
    /// <param name="chain">Its options' contract may still be any address.</param>
    /// <param name="deployer">Pays, and administers the contract.</param>
    /// <param name="permitted">Who may anchor.</param>
    /// <param name="options">For the fee caps.</param>
    /// <param name="clock">For the wait.</param>
    /// <param name="cancel">Stops waiting; the deployment may still happen.</param>
    /// <exception cref="FaultException"><see cref="Fault.ChainRefused"/> when the node refuses it, or an earlier contract of this account permits other
    /// members; <see cref="Fault.ChainUnreachable"/> also when it is not mined within two minutes.</exception>
    public static Task<string> DeployAsync(
        ChainClient chain, ChainSigner deployer, IReadOnlyList<Address> permitted, ChainOptions options, TimeProvider clock, CancellationToken cancel = default)
        => DeployAsync(chain, deployer, ContractArtifact.EvidenceAnchor,
            ContractArtifact.EvidenceAnchor.Create(deployer.Address, permitted), MaxAnchorGas, async candidate =>
        {
            await EnsurePermittedAsync(chain, candidate, permitted, cancel).ConfigureAwait(false);
            return true;
        }, options, clock, cancel);

    /// <summary>The draw registry's address in the same way. Nobody administers it, so anyone may have deployed it; it is refused
    /// (<see cref="Fault.ChainRefused"/>) by a chain without the precompiles of EIP-2537.</summary>
    /// <param name="drand">The drand chain whose rounds it verifies, for ever.</param>
    /// <param name="margin">Whole seconds by which the chain's block times may lag behind the true time.</param>
    public static Task<string> DeployRegistryAsync(
        ChainClient chain, ChainSigner deployer, DrandChain drand, TimeSpan margin, ChainOptions options, TimeProvider clock,
        CancellationToken cancel = default)
    {
        var data = ContractArtifact.DrawRegistry.Create(
            drand.KeyPoint, drand.Genesis, drand.Period, drand.GroupHash, drand.BeaconId, (long)margin.TotalSeconds);
        return DeployAsync(chain, deployer, ContractArtifact.DrawRegistry, data, MaxRegistryGas, async candidate =>
        {
            // Of another drand chain or margin: another registry.
            var terms = await new DrawRegistry(chain, candidate).TermsAsync(cancel).ConfigureAwait(false);
            return terms.DrandHash == drand.Hash && terms.Margin == TimeSpan.FromSeconds((long)margin.TotalSeconds);
        }, options, clock, cancel);
    }

    /// <summary>Where this account's next contract will be: founders prove themselves to it before it is there.</summary>
    public static async Task<Address> NextAsync(ChainClient chain, ChainSigner deployer, CancellationToken cancel = default)
        => AddressOf(deployer, await chain.NonceAsync(deployer.Address, cancel).ConfigureAwait(false));

    /// <summary>Founds a consortium at <see cref="NextAsync"/>'s address. The deployer only pays: nothing of it is his.</summary>
    /// <param name="founding">The constructor's arguments, by <see cref="ConsortiumContract.EncodeFounding"/>.</param>
    public static Task<string> DeployConsortiumAsync(
        ChainClient chain, ChainSigner deployer, byte[] founding, ChainOptions options, TimeProvider clock, CancellationToken cancel = default)
        => DeployAsync(chain, deployer, ContractArtifact.Consortium, [.. ContractArtifact.Consortium.Bytecode, .. founding], MaxConsortiumGas,
            _ => Task.FromResult(true), options, clock, cancel);

    /// <summary>The contract that takes anchors from whom the consortium lets, found again like the others.</summary>
    /// <param name="former">The contract that it is to go on from, closed until it is taken over; null for a log that has no anchor yet.</param>
    public static Task<string> DeployConsortiumAnchorAsync(
        ChainClient chain, ChainSigner deployer, Address consortium, Address? former, ChainOptions options, TimeProvider clock,
        CancellationToken cancel = default)
    {
        var artifact = ContractArtifact.ConsortiumAnchor;
        return DeployAsync(chain, deployer, artifact, artifact.Create(consortium, former ?? default), MaxAnchorGas, async candidate =>
            await IsAsync(candidate, "consortium", consortium).ConfigureAwait(false)
                && await IsAsync(candidate, "former", former ?? default).ConfigureAwait(false),
            options, clock, cancel);

        async Task<bool> IsAsync(Address candidate, string question, Address expected)
            => Address.Parse(artifact.Read<string>(question, await chain.CallAsync(candidate, artifact.Call(question), cancel).ConfigureAwait(false)))
                == expected;
    }

    private static async Task<string> DeployAsync(
        ChainClient chain, ChainSigner deployer, ContractArtifact artifact, byte[] data, long maxGas, Func<Address, Task<bool>> isWanted,
        ChainOptions options, TimeProvider clock, CancellationToken cancel)
    {
        var nonce = await chain.NonceAsync(deployer.Address, cancel).ConfigureAwait(false);
        for (var earlier = 0; earlier < Math.Min(nonce, FirstNonces); earlier++)
        {
            var candidate = AddressOf(deployer, earlier);
            if (await IsAsync(candidate).ConfigureAwait(false) && await isWanted(candidate).ConfigureAwait(false))
                return candidate.ToLowerHex();
        }

        var gas = Math.Min(maxGas, await chain.EstimateGasAsync(deployer.Address, null, data, cancel).ConfigureAwait(false) * 5 / 4);
        var bid = FeePolicy.First(await chain.FeesAsync(cancel).ConfigureAwait(false), options);
        var transaction = bid.Transaction(chain.ChainId, nonce, gas, null, data);
        var answer = await chain.SendAsync(await deployer.SignAsync(transaction, cancel).ConfigureAwait(false), cancel).ConfigureAwait(false);
        if (answer.Outcome is not (SendOutcome.Accepted or SendOutcome.NonceTooLow))
            throw new FaultException(Fault.ChainRefused, "the contract cannot be deployed: " + answer.Message);

        var address = AddressOf(deployer, nonce);
        for (var started = clock.GetTimestamp(); clock.GetElapsedTime(started) < MaxWait;)
        {
            if (await IsAsync(address).ConfigureAwait(false))
                return address.ToLowerHex();

            await Task.Delay(PollInterval, clock, cancel).ConfigureAwait(false);
        }

        throw new FaultException(Fault.ChainUnreachable, "the contract was sent and is not mined");

        async Task<bool> IsAsync(Address at)
            => (await chain.CodeAsync(at, cancel).ConfigureAwait(false)).AsSpan().SequenceEqual(artifact.DeployedBytecode);
    }

    private static Address AddressOf(ChainSigner creator, long nonce)
        => Address.Parse(ContractUtils.CalculateContractAddress(creator.Address.ToLowerHex(), nonce));

    private static async Task EnsurePermittedAsync(ChainClient chain, Address contract, IReadOnlyList<Address> permitted, CancellationToken cancel)
    {
        foreach (var member in permitted)
        {
            var answer = await chain.CallAsync(contract, ContractArtifact.EvidenceAnchor.Call("permitted", member), cancel).ConfigureAwait(false);
            if (answer is not [.., 1])
                throw new FaultException(Fault.ChainRefused, $"the anchor contract at {contract} does not permit {member}");
        }
    }
}
