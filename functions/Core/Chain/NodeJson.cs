using System.Numerics;
using System.Text.Json;
using Notary.Evidence;
using Notary.Evidence.Ethereum;

namespace Notary.Chain;

/// <summary>Blocks and receipts as nodes tell them (Ethereum execution APIs), turned into the bytes that hashes cover.</summary>
internal static class NodeJson
{
    // The fields after Frontier's fifteen, each there only if all before it are: London, Shanghai, Cancun, Cancun, Cancun,
    // Prague, and what is announced for the fork after Osaka.
    private static readonly (string Name, bool IsScalar)[] LaterFields =
    [
        ("baseFeePerGas", true),
        ("withdrawalsRoot", false),
        ("blobGasUsed", true),
        ("excessBlobGas", true),
        ("parentBeaconBlockRoot", false),
        ("requestsHash", false),
        ("blockAccessListHash", false),
        ("slotNumber", true),
    ];

    /// <summary>The header, rebuilt; its hash is the block's or the node's answer is refused.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public static BlockHeader Header(JsonElement block)
    {
        var fields = new List<RlpItem>
        {
            Data(block, "parentHash"),
            Data(block, "sha3Uncles"),
            Data(block, "miner"),
            Data(block, "stateRoot"),
            Data(block, "transactionsRoot"),
            Data(block, "receiptsRoot"),
            Data(block, "logsBloom"),
            Scalar(block, "difficulty"),
            Scalar(block, "number"),
            Scalar(block, "gasLimit"),
            Scalar(block, "gasUsed"),
            Scalar(block, "timestamp"),
            Data(block, "extraData"),
            Data(block, "mixHash"),
            Data(block, "nonce"),
        };
        fields.AddRange(LaterFields.TakeWhile(f => Has(block, f.Name)).Select(f => f.IsScalar ? Scalar(block, f.Name) : Data(block, f.Name)));
        var header = BlockHeader.Decode(Rlp.EncodeList(fields));
        return Hex.Of(header.Hash) == Text(block, "hash") ? header : throw new FaultException(Fault.Malformed, "a node's block does not hash to its hash");
    }

    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public static Receipt Receipt(JsonElement receipt) => new(
        Has(receipt, "type") ? (byte)Hex.Long(Text(receipt, "type")) : (byte)0,
        Hex.Long(Text(receipt, "status")) == 1,
        Hex.Number(Text(receipt, "cumulativeGasUsed")),
        Hex.Bytes(Text(receipt, "logsBloom"), 256),
        [.. receipt.GetProperty("logs").EnumerateArray().Select(Log)]);

    public static EventLog Log(JsonElement log) => new(
        Address.Parse(Text(log, "address")),
        [.. log.GetProperty("topics").EnumerateArray().Select(t => Hex.Bytes(t.GetString(), 32))],
        Hex.Bytes(Text(log, "data")));

    public static bool Has(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined);

    /// <exception cref="FaultException"><see cref="Fault.Malformed"/> when the member is missing or no text.</exception>
    public static string Text(JsonElement json, string name)
        => json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new FaultException(Fault.Malformed, $"a node's answer lacks {name}");

    public static BigInteger Number(JsonElement json, string name) => Hex.Number(Text(json, name));

    public static RlpItem Data(JsonElement json, string name) => RlpItem.Of(Hex.Bytes(Text(json, name)));

    public static RlpItem Scalar(JsonElement json, string name) => RlpItem.Of(Number(json, name));
}
