namespace Notary.Chain;

/// <summary>What a node said to signed bytes.</summary>
public enum SendOutcome
{
    /// <summary>In its pool, now or before.</summary>
    Accepted,

    /// <summary>The nonce is used up: by this transaction or another; only re-reading tells.</summary>
    NonceTooLow,

    /// <summary>Another transaction of this nonce is in the pool and bids as much or nearly.</summary>
    Underpriced,

    /// <summary>The bid lies below what the chain asks for now.</summary>
    FeeTooLow,

    /// <summary>Anything else, such as no money.</summary>
    Refused,
}

/// <summary>A node's answer to a broadcast, with its own words.</summary>
public sealed record SendAnswer(SendOutcome Outcome, string Message);

/// <summary>What the chain asks for now. Wei per gas.</summary>
/// <param name="BaseFee">Of the block that comes next.</param>
/// <param name="PriorityFee">The tip that nodes suggest.</param>
public sealed record FeeQuote(BigInteger BaseFee, BigInteger PriorityFee, bool Legacy = false);

/// <summary>JSON-RPC to one chain over several nodes with failover; every reply bounded in bytes and time.</summary>
/// <remarks>
/// Faults: <see cref="Fault.ChainUnreachable"/> when no node answers, <see cref="Fault.ChainRefused"/> when a node answers
/// with an error, <see cref="Fault.ChainWrong"/> when a node is on another chain. A node's chain id is checked before
/// anything else is believed, and again after every failure.
/// </remarks>
public sealed class ChainClient
{
    private readonly ChainNodes nodes;
    private readonly ChainOptions options;

    /// <param name="options">Validated here.</param>
    /// <param name="http">Should not follow redirects; its own timeout should be above the options'.</param>
    /// <param name="clock">Counts the timeouts.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public ChainClient(ChainOptions options, HttpClient http, TimeProvider clock)
    {
        options.Validate();
        this.options = options;
        Clock = clock;
        nodes = new ChainNodes(options, http, clock);
    }

    /// <summary>EIP-155 id of the chain.</summary>
    public long ChainId => options.ChainId;

    /// <summary>For start-up: <see cref="Fault.ChainWrong"/> when any node that answers is on another chain, <see cref="Fault.ChainUnreachable"/>
    /// when none answers.</summary>
    public Task EnsureChainAsync(CancellationToken cancel = default) => nodes.VerifyAllAsync(cancel);

    /// <summary>For health: whether any node answers now. Faults as <see cref="EnsureChainAsync"/>.</summary>
    public Task EnsureAnswerAsync(CancellationToken cancel = default) => nodes.AskAnyAsync(cancel);

    /// <summary>The newest block.</summary>
    /// <param name="depth">Blocks that the block has, its own among them: 1 for the head itself.</param>
    public Task<ChainHead> HeadAsync(int depth = 1, CancellationToken cancel = default)
        => OnOneAsync(async node =>
        {
            var block = await node.HeadAsync().ConfigureAwait(false);
            if (depth > 1)
                block = await node.BlockAsync(Math.Max(0, block.Number - depth + 1)).ConfigureAwait(false)
                    ?? throw new NodeDownException($"node {node.Name} does not have a block below its head");

            return new ChainHead(ChainId, block.Number, block.Hash);
        }, cancel);

    /// <summary>How many transactions of that account are in canonical blocks: its next nonce.</summary>
    public Task<long> NonceAsync(Address account, CancellationToken cancel = default) => OnOneAsync(node => node.NonceAsync(account), cancel);

    /// <summary>Asks a contract at the head without a transaction.</summary>
    public Task<byte[]> CallAsync(Address contract, byte[] data, CancellationToken cancel = default)
        => OnOneAsync(node => node.CallAsync(contract, data), cancel);

    /// <summary>The code at an address; empty when there is none.</summary>
    public Task<byte[]> CodeAsync(Address contract, CancellationToken cancel = default) => OnOneAsync(node => node.CodeAsync(contract), cancel);

    /// <summary>What a transaction must bid now.</summary>
    public Task<FeeQuote> FeesAsync(CancellationToken cancel = default) => OnOneAsync(node => node.FeesAsync(), cancel);

    /// <summary>Gas the call would use.</summary>
    /// <exception cref="FaultException"><see cref="Fault.ChainRefused"/> when it would be reverted.</exception>
    public Task<long> EstimateGasAsync(Address from, Address? to, byte[] data, CancellationToken cancel = default)
        => OnOneAsync(node => node.EstimateGasAsync(from, to, data), cancel);

    /// <summary>Broadcasts signed bytes. A lost connection is tried on the next node: the bytes are the same, so that harms nothing.</summary>
    public Task<SendAnswer> SendAsync(byte[] signed, CancellationToken cancel = default) => OnOneAsync(node => node.BroadcastAsync(signed), cancel);

    /// <summary>Each node's newest block, in the settings' order; null for one that is silent for so long.</summary>
    internal Task<NodeBlock?[]> HeadsAsync(TimeSpan patience, CancellationToken cancel)
        => nodes.OnEachAsync(async node => (NodeBlock?)await node.HeadAsync().ConfigureAwait(false), patience, cancel);

    /// <summary>The hash that each node has for a number; null for one that has none or is silent.</summary>
    internal Task<string?[]> HashesAsync(long number, TimeSpan patience, CancellationToken cancel)
        => nodes.OnEachAsync(async node => (await node.BlockAsync(number).ConfigureAwait(false))?.Hash, patience, cancel);

    internal TimeProvider Clock { get; }

    internal Task<T> OnOneAsync<T>(Func<NodeView, Task<T>> work, CancellationToken cancel) => nodes.OnOneAsync(work, cancel);
}
