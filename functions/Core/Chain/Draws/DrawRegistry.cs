namespace Notary.Chain.Draws;

/// <summary>What a registry was deployed with.</summary>
/// <param name="DrandHash">Its drand chain.</param>
/// <param name="Genesis">When that chain's round 1 came.</param>
/// <param name="Period">Between its rounds.</param>
/// <param name="Margin">By which a block's time must lie before the round for a commit or reveal in it to count.</param>
public sealed record DrawTerms(Digest DrandHash, DateTimeOffset Genesis, TimeSpan Period, TimeSpan Margin);

/// <summary>How fast the chain makes blocks, as of its newest.</summary>
/// <param name="Head">The newest block.</param>
/// <param name="Time">Its time.</param>
/// <param name="SecondsPerBlock">Measured over the last blocks.</param>
public sealed record ChainPace(ChainHead Head, DateTimeOffset Time, double SecondsPerBlock);

/// <summary>Reads the draw registry. <see cref="DrawSender"/> writes it.</summary>
/// <remarks>Faults as <see cref="ChainClient"/>'s; <see cref="Fault.ChainWrong"/> also when there is no registry at the address.</remarks>
public sealed class DrawRegistry(ChainClient chain, Address contract)
{
    // Enough that one slow block is no matter, few enough that a chain that has changed its pace is believed within the hour.
    private const int PaceBlocks = 100;

    private static ContractArtifact Artifact => ContractArtifact.DrawRegistry;

    /// <summary>Where it is.</summary>
    public Address Contract => contract;

    /// <summary>What it was deployed with, once its code is found to be this program's.</summary>
    public Task<DrawTerms> TermsAsync(CancellationToken cancel = default) => chain.OnOneAsync(async node =>
    {
        if (!(await node.CodeAsync(contract).ConfigureAwait(false)).AsSpan().SequenceEqual(Artifact.DeployedBytecode))
            throw Absent();

        async Task<AbiWords> AskAsync(string function) => new(await node.CallAsync(contract, Artifact.Call(function)).ConfigureAwait(false));
        return new DrawTerms(
            (await AskAsync("chainHash").ConfigureAwait(false)).Digest(0),
            DateTimeOffset.FromUnixTimeSeconds((await AskAsync("genesis").ConfigureAwait(false)).Number(0)),
            TimeSpan.FromSeconds((await AskAsync("period").ConfigureAwait(false)).Number(0)),
            TimeSpan.FromSeconds((await AskAsync("margin").ConfigureAwait(false)).Number(0)));
    }, cancel);

    /// <summary>The draw as it stands after the newest block; null when it is not published.</summary>
    public Task<DrawOnChain?> ReadAsync(Digest drawId, CancellationToken cancel = default) => chain.OnOneAsync(async node =>
    {
        var head = await node.HeadAsync().ConfigureAwait(false);
        async Task<AbiWords> AskAsync(string function)
            => await node.CallAsync(contract, Artifact.Call(function, drawId), head.Hash).ConfigureAwait(false) is { Length: > 0 } answer
                ? new AbiWords(answer)
                : throw Absent();

        return DrawOnChain.Read(new ChainHead(chain.ChainId, head.Number, head.Hash), head.Time,
            await AskAsync("drawOf").ConfigureAwait(false), await AskAsync("partiesOf").ConfigureAwait(false));
    }, cancel);

    /// <summary>How fast the chain is. <see cref="Fault.ChainUnreachable"/> also while it has a single block.</summary>
    public Task<ChainPace> PaceAsync(CancellationToken cancel = default) => chain.OnOneAsync(async node =>
    {
        var head = await node.HeadAsync().ConfigureAwait(false);
        var from = await node.BlockAsync(Math.Max(0, head.Number - PaceBlocks)).ConfigureAwait(false);
        return from is null || from.Number >= head.Number
            ? throw new NodeDownException($"node {node.Name} has no blocks to measure")
            : new ChainPace(new ChainHead(chain.ChainId, head.Number, head.Hash), head.Time,
                (head.Time - from.Time).TotalSeconds / (head.Number - from.Number));
    }, cancel);

    /// <summary>What happened to the draw from that block on, in order. A later reorganisation may take the newest back.</summary>
    /// <param name="fromBlock">Nodes of public chains answer few thousand blocks at once; the draw's own publication is the earliest of use.</param>
    public Task<IReadOnlyList<DrawEvent>> EventsAsync(Digest drawId, long fromBlock, CancellationToken cancel = default) => chain.OnOneAsync(async node =>
    {
        var head = await node.HeadAsync().ConfigureAwait(false);
        var logs = await node.LogsAsync(contract, [null, Hex.Of(drawId.ToArray())], fromBlock, Math.Max(fromBlock, head.Number)).ConfigureAwait(false);
        return (IReadOnlyList<DrawEvent>)[.. logs.Select(DrawEvent.Read)];
    }, cancel);

    /// <summary>The round's randomness as the contract verifies it; null when the signature is not the round's.</summary>
    public async Task<Digest?> RandomnessAsync(DrandRound round, CancellationToken cancel = default)
    {
        try
        {
            var answer = await chain.CallAsync(contract, Artifact.Call("randomnessOf", round.Round, round.Point), cancel).ConfigureAwait(false);
            return answer.Length == Digest.Size ? new Digest(answer) : throw Absent();
        }
        catch (FaultException e) when (DrawReverts.NameOf(e) == "NotVerified")
        {
            return null;
        }
    }

    private FaultException Absent() => new(Fault.ChainWrong, $"there is no draw registry of this program at {contract}");
}
