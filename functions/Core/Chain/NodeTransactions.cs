using System.Text.Json;
using Notary.Evidence;
using Notary.Evidence.Ethereum;
using static Notary.Chain.NodeJson;

namespace Notary.Chain;

/// <summary>Transactions as nodes tell them, turned back into their signed bytes: types 0 to 4.</summary>
internal static class NodeTransactions
{
    /// <summary>The signed bytes, which hash to the transaction's hash, or null when this node's telling of it (a type from the future, say) does not give them back.</summary>
    public static byte[]? Encode(JsonElement transaction)
    {
        try
        {
            var bytes = Has(transaction, "type") && Hex.Long(Text(transaction, "type")) is var type and > 0 ? Typed((byte)type, transaction) : Legacy(transaction);
            return bytes is not null && Hex.Of(Keccak256.Hash(bytes)) == Text(transaction, "hash") ? bytes : null;
        }
        catch (FaultException fault) when (fault.Fault == Fault.Malformed)
        {
            return null;
        }
    }

    private static byte[] Legacy(JsonElement t) => Rlp.EncodeList(
        Scalar(t, "nonce"), Scalar(t, "gasPrice"), Scalar(t, "gas"), To(t), Scalar(t, "value"), Data(t, "input"), Scalar(t, "v"), Scalar(t, "r"), Scalar(t, "s"));

    private static byte[]? Typed(byte type, JsonElement t)
    {
        RlpItem[]? own = type switch
        {
            1 => [],
            2 => [],
            3 => [Scalar(t, "maxFeePerBlobGas"), RlpItem.List([.. t.GetProperty("blobVersionedHashes").EnumerateArray().Select(h => RlpItem.Of(Hex.Bytes(h.GetString(), 32)))])],
            4 => [RlpItem.List([.. t.GetProperty("authorizationList").EnumerateArray().Select(Authorization)])],
            _ => null,
        };
        if (own is null)
        {
            return null;
        }

        RlpItem[] fees = type == 1 ? [Scalar(t, "gasPrice")] : [Scalar(t, "maxPriorityFeePerGas"), Scalar(t, "maxFeePerGas")];
        return
        [
            type,
            .. Rlp.EncodeList([
                Scalar(t, "chainId"), Scalar(t, "nonce"), .. fees, Scalar(t, "gas"), To(t), Scalar(t, "value"), Data(t, "input"), AccessList(t), .. own,
                Parity(t), Scalar(t, "r"), Scalar(t, "s"),
            ]),
        ];
    }

    private static RlpItem To(JsonElement t) => Has(t, "to") ? Data(t, "to") : RlpItem.Of(ReadOnlyMemory<byte>.Empty);

    private static RlpItem Parity(JsonElement t) => Scalar(t, Has(t, "yParity") ? "yParity" : "v");

    private static RlpItem AccessList(JsonElement t)
        => RlpItem.List([.. t.GetProperty("accessList").EnumerateArray().Select(e =>
            RlpItem.List(Data(e, "address"), RlpItem.List([.. e.GetProperty("storageKeys").EnumerateArray().Select(k => RlpItem.Of(Hex.Bytes(k.GetString(), 32)))])))]);

    private static RlpItem Authorization(JsonElement a)
        => RlpItem.List(Scalar(a, "chainId"), Data(a, "address"), Scalar(a, "nonce"), Parity(a), Scalar(a, "r"), Scalar(a, "s"));
}
