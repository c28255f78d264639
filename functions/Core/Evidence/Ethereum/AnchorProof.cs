namespace Notary.Evidence.Ethereum;

/// <summary>Everything a stranger needs, offline, to see that a block's header commits to an anchor of the log: <c>anchor.json</c> of a bundle.</summary>
/// <param name="ChainId">EIP-155's chain id.</param>
/// <param name="Contract">The anchor contract, <c>0x</c> and 40 lower-case digits.</param>
/// <param name="Size">Leaves of the log.</param>
/// <param name="Root">Root hash of the log at that size.</param>
/// <param name="TransactionHash"><c>0x</c> and 64 lower-case digits.</param>
/// <param name="Transaction">The signed transaction's bytes, of which <paramref name="TransactionHash"/> is the hash.</param>
/// <param name="Block">The block's number.</param>
/// <param name="BlockHash"><c>0x</c> and 64 lower-case digits: the hash of <paramref name="Header"/>.</param>
/// <param name="BlockTime">The header's time; whole seconds.</param>
/// <param name="Header">The header's RLP.</param>
/// <param name="TransactionIndex">Where in the block the transaction stands: the key of both proofs.</param>
/// <param name="TransactionProof">Trie nodes from the header's transactions root to the transaction.</param>
/// <param name="ReceiptProof">Trie nodes from the header's receipts root to the receipt.</param>
/// <param name="LogIndex">Where among the receipt's logs the event stands.</param>
public sealed record AnchorProof(
    long ChainId,
    string Contract,
    long Size,
    Digest Root,
    string TransactionHash,
    byte[] Transaction,
    long Block,
    string BlockHash,
    DateTimeOffset BlockTime,
    byte[] Header,
    int TransactionIndex,
    IReadOnlyList<byte[]> TransactionProof,
    IReadOnlyList<byte[]> ReceiptProof,
    int LogIndex)
{
    /// <summary>The value of the JSON's <c>format</c>.</summary>
    public const string Format = "notary-anchor/1";

    /// <summary>The JSON object: hexadecimal with 0x, numbers as numbers, the time in RFC 3339 with Z.</summary>
    public System.Text.Json.Nodes.JsonObject ToJson() => AnchorProofJson.Write(this);

    /// <summary>Reads the JSON object strictly: every member once, none unknown, everything bounded.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public static AnchorProof Parse(System.Text.Json.JsonElement json) => AnchorProofJson.Read(json);
}
