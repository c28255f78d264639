namespace Notary.Chain.Explorer;

/// <summary>A value of a call or an event.</summary>
/// <param name="Name">As the contract's source names it.</param>
/// <param name="Value">Numbers in decimal, bytes as <c>0x</c> and digits, addresses in EIP-55's form, parts of a list in brackets.</param>
public sealed record DecodedValue(string Name, string Value);

/// <summary>A call or an event as the contract's ABI reads it.</summary>
/// <param name="Contract">The source's name, such as <c>EvidenceAnchor</c>.</param>
/// <param name="Name">The function's or the event's.</param>
/// <param name="Values">In the source's order.</param>
public sealed record DecodedCall(string Contract, string Name, IReadOnlyList<DecodedValue> Values);

/// <summary>A node's state beside the others'.</summary>
public enum NodeState
{
    /// <summary>Within two blocks of the highest, on the same chain.</summary>
    InStep,

    /// <summary>On the same chain, but behind.</summary>
    Behind,

    /// <summary>At a height that all have it has another block than most.</summary>
    Forked,

    /// <summary>It did not answer in time, or answered what cannot be read.</summary>
    Silent,
}

/// <summary>One of the office's nodes. Its address is not told.</summary>
/// <param name="Number">In the order of the settings, from 1.</param>
/// <param name="State">Beside the others.</param>
/// <param name="Block">Its newest block; null when it is silent.</param>
public sealed record NodeStanding(int Number, NodeState State, long? Block);

/// <summary>A block in a list.</summary>
/// <param name="Number">From 0.</param>
/// <param name="Hash"><c>0x</c> and 64 digits; the header hashes to it.</param>
/// <param name="Time">What its maker says the time was.</param>
/// <param name="Transactions">How many it has.</param>
public sealed record BlockLine(long Number, string Hash, DateTimeOffset Time, int Transactions);

/// <summary>A transaction in a block's list.</summary>
/// <param name="Hash"><c>0x</c> and 64 digits.</param>
/// <param name="From">The account that signed it.</param>
/// <param name="To">Null when it creates a contract.</param>
/// <param name="Call">What it calls, when the contract is one of the consortium's.</param>
public sealed record TransactionLine(string Hash, string From, string? To, DecodedCall? Call);

/// <summary>A block.</summary>
/// <param name="Number">From 0.</param>
/// <param name="Hash">The header hashes to it.</param>
/// <param name="ParentHash">Of the block before.</param>
/// <param name="Time">What its maker says the time was.</param>
/// <param name="Depth">Blocks from it to the newest, both counted; 0 when the chain has another block of its number.</param>
/// <param name="ReceiptsRoot">Root of what its transactions did.</param>
/// <param name="TransactionsRoot">Root of its transactions.</param>
/// <param name="Transactions">In order; the first <see cref="ChainExplorer.MaxShown"/>.</param>
/// <param name="Total">How many there are.</param>
public sealed record BlockView(
    long Number, string Hash, string ParentHash, DateTimeOffset Time, long Depth, string ReceiptsRoot, string TransactionsRoot,
    IReadOnlyList<TransactionLine> Transactions, int Total);

/// <summary>What a transaction made a contract say.</summary>
/// <param name="Index">Among the transaction's.</param>
/// <param name="Contract">Whose event it is.</param>
/// <param name="Event">As the ABI reads it; null for contracts that are not the consortium's.</param>
/// <param name="Topics">As they stand.</param>
/// <param name="Data">As it stands; the first <see cref="ChainExplorer.MaxData"/> bytes.</param>
public sealed record EventView(int Index, string Contract, DecodedCall? Event, IReadOnlyList<string> Topics, string Data);

/// <summary>A transaction in a canonical block.</summary>
/// <param name="Hash">Its signed bytes hash to it.</param>
/// <param name="Block">Its block's number.</param>
/// <param name="BlockHash">Its block's hash.</param>
/// <param name="BlockTime">Its block's time.</param>
/// <param name="Index">Its place in the block.</param>
/// <param name="Depth">Blocks from its own to the newest, both counted.</param>
/// <param name="From">The account that signed it.</param>
/// <param name="To">Null when it creates a contract.</param>
/// <param name="Created">The contract it created.</param>
/// <param name="Nonce">The sender's count.</param>
/// <param name="Succeeded">False when it was reverted.</param>
/// <param name="GasUsed">By it alone.</param>
/// <param name="Proved">Whether its bytes and its receipt were found to have the roots in the block's header, and its signature to be the sender's.</param>
/// <param name="Call">What it calls, when the contract is one of the consortium's.</param>
/// <param name="Data">The call's bytes; the first <see cref="ChainExplorer.MaxData"/>.</param>
/// <param name="Events">The first <see cref="ChainExplorer.MaxShown"/>.</param>
public sealed record TransactionView(
    string Hash, long Block, string BlockHash, DateTimeOffset BlockTime, int Index, long Depth, string From, string? To, string? Created, long Nonce,
    bool Succeeded, long GasUsed, bool Proved, DecodedCall? Call, string Data, IReadOnlyList<EventView> Events);

/// <summary>An anchor: the chain says which root the log had at a size.</summary>
/// <param name="Size">Leaves of the log.</param>
/// <param name="Root">Its root, SHA-256.</param>
/// <param name="Covers">The first log index that no earlier anchor covers; it covers from there to <paramref name="Size"/> - 1.</param>
/// <param name="Sender">The account that anchored.</param>
/// <param name="Contract">Where.</param>
/// <param name="Block">In which block.</param>
/// <param name="BlockHash">Its hash.</param>
/// <param name="BlockTime">Its time.</param>
/// <param name="Transaction">By which transaction.</param>
/// <param name="Depth">Blocks from its own to the newest, both counted.</param>
public sealed record AnchorLine(
    long Size, Digest Root, long Covers, string Sender, string Contract, long Block, string BlockHash, DateTimeOffset BlockTime, string Transaction,
    long Depth);

/// <summary>Anchors, newest first.</summary>
/// <param name="Anchors">The page.</param>
/// <param name="Total">How many there are on the chain as far as it was read.</param>
/// <param name="Before">Where the list goes on: anchors of smaller sizes than this; null at its end.</param>
/// <param name="ReadTo">The block up to which events were read.</param>
/// <param name="Head">The newest block.</param>
public sealed record AnchorsPage(IReadOnlyList<AnchorLine> Anchors, int Total, long? Before, long ReadTo, long Head);

/// <summary>Blocks, newest first.</summary>
/// <param name="Blocks">The page.</param>
/// <param name="Before">Where the list goes on; null after block 0.</param>
public sealed record BlocksPage(IReadOnlyList<BlockLine> Blocks, long? Before);

/// <summary>The chain at a glance.</summary>
/// <param name="ChainId">EIP-155.</param>
/// <param name="Contract">The anchor contract.</param>
/// <param name="ContractKind">Its source's name; null when its code is none of ours.</param>
/// <param name="Consortium">The contract that it asks who may anchor; null when there is none.</param>
/// <param name="Former">The anchor contract before it; null when there is none.</param>
/// <param name="Confirmations">Blocks, its own among them, under which the office counts an anchor as final.</param>
/// <param name="Head">The newest block.</param>
/// <param name="Nodes">The office's nodes.</param>
/// <param name="Anchors">How many anchors there are as far as the chain was read.</param>
/// <param name="Newest">The newest anchor.</param>
/// <param name="ReadTo">The block up to which events were read.</param>
public sealed record ChainView(
    long ChainId, string Contract, string? ContractKind, string? Consortium, string? Former, int Confirmations, BlockLine Head,
    IReadOnlyList<NodeStanding> Nodes, int Anchors, AnchorLine? Newest, long ReadTo);

/// <summary>What an account is on this chain.</summary>
public enum AccountKind
{
    /// <summary>A key's.</summary>
    Account,

    /// <summary>A contract that is none of the consortium's.</summary>
    Contract,

    /// <summary>The anchor contract.</summary>
    Anchor,

    /// <summary>The anchor contract before it.</summary>
    FormerAnchor,

    /// <summary>The contract that says who may anchor.</summary>
    Consortium,
}

/// <summary>An account.</summary>
/// <param name="Address">In EIP-55's form.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Transactions">How many of its transactions are in blocks; of a contract, how many contracts it made, and one.</param>
/// <param name="Anchors">How many anchors it sent, as far as the chain was read.</param>
/// <param name="Newest">The newest of them.</param>
/// <param name="ReadTo">The block up to which events were read.</param>
/// <param name="Head">The newest block.</param>
public sealed record AccountView(
    string Address, AccountKind Kind, long Transactions, int Anchors, IReadOnlyList<AnchorLine> Newest, long ReadTo, long Head);
