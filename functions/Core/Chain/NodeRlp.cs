using Nethereum.RLP;

namespace Notary.Chain;

/// <summary>A block as a node tells it (Ethereum execution APIs), believed because its header hashes to its hash.</summary>
internal sealed record NodeBlock(long Number, string Hash, DateTimeOffset Time, byte[] Header, string ReceiptsRoot, string TransactionsRoot, JsonElement Json)
{
    /// <summary>Hashes, or whole transactions where they were asked for.</summary>
    public JsonElement[] Transactions => [.. Json.GetProperty("transactions").EnumerateArray()];

    /// <exception cref="FaultException"><see cref="Fault.Malformed"/> when the answer cannot be read or is no block of that hash.</exception>
    public static NodeBlock Read(JsonElement json)
    {
        string Text(string name) => NodeRlp.Text(json, name);
        var header = NodeRlp.Headers(json).FirstOrDefault(h => NodeRlp.Hash(h) == Text("hash"));
        var seconds = Hex.Long(Text("timestamp"));
        return header is not null && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? new(Hex.Long(Text("number")), Text("hash"), DateTimeOffset.FromUnixTimeSeconds(seconds),
                header, Text("receiptsRoot"), Text("transactionsRoot"), json)
            : throw new FaultException(Fault.Malformed, "a node's block does not hash to its hash");
    }
}

/// <summary>What nodes tell in JSON, turned back into the RLP that hashes cover.</summary>
/// <remarks>Nethereum's own types drop what Shanghai and later forks added to a header, and know no blob transactions;
/// so the fields stand here, in order.</remarks>
internal static class NodeRlp
{
    // A star marks a quantity: big-endian without leading zeros. The others are bytes or lists.
    // The header's fields after Frontier's fifteen are there only if all before them are: London, Shanghai, Cancun (3),
    // Prague, and what is announced for the fork after Osaka.
    private const int FrontierFields = 15;

    private static readonly string[] HeaderFields = Fields(
        "parentHash sha3Uncles miner stateRoot transactionsRoot receiptsRoot logsBloom "
            + "*difficulty *number *gasLimit *gasUsed *timestamp extraData mixHash nonce "
        + "*baseFeePerGas withdrawalsRoot *blobGasUsed *excessBlobGas parentBeaconBlockRoot requestsHash blockAccessListHash *slotNumber");

    private static readonly string[] ReceiptFields = Fields("*status *cumulativeGasUsed logsBloom logs");

    // By type: legacy, EIP-2930, EIP-1559, EIP-4844, EIP-7702.
    private static readonly string[][] TransactionFields =
    [
        Fields("*nonce *gasPrice *gas to *value input *v *r *s"),
        Fields("*chainId *nonce *gasPrice *gas to *value input accessList *yParity *r *s"),
        Fields("*chainId *nonce *maxPriorityFeePerGas *maxFeePerGas *gas to *value input accessList *yParity *r *s"),
        Fields("*chainId *nonce *maxPriorityFeePerGas *maxFeePerGas *gas to *value input accessList *maxFeePerBlobGas blobVersionedHashes *yParity *r *s"),
        Fields("*chainId *nonce *maxPriorityFeePerGas *maxFeePerGas *gas to *value input accessList authorizationList *yParity *r *s"),
    ];

    // Members of lists, told apart by a member that only they have.
    private static readonly (string Mark, string[] Fields)[] MemberFields =
    [
        ("topics", Fields("address topics data")),
        ("storageKeys", Fields("address storageKeys")),
        ("r", Fields("*chainId address *nonce *yParity *r *s")),
    ];

    /// <summary><c>0x</c> and the Keccak-256 of <paramref name="bytes"/>.</summary>
    public static string Hash(byte[] bytes) => Hex.Of(Sha3Keccack.Current.CalculateHash(bytes));

    /// <summary>What the block's hash may be made of, most usual first.</summary>
    public static IEnumerable<byte[]> Headers(JsonElement block)
    {
        string[] names = [.. HeaderFields.TakeWhile((name, i) => i < FrontierFields || Has(block, name.TrimStart('*')))];
        return Extras(Hex.Bytes(Text(block, "extraData"))).Select(extra
            => RLP.EncodeList([.. names.Select(name => name == "extraData" ? RLP.EncodeElement(extra) : Field(block, name))]));
    }

    /// <summary>As the receipts trie holds it.</summary>
    public static byte[] Receipt(JsonElement receipt) => Typed(Type(receipt), Encode(receipt, ReceiptFields));

    /// <summary>The signed bytes, which hash to the transaction's hash, or null when this node's telling of it (a type from the future, say)
    /// does not give them back.</summary>
    public static byte[]? Transaction(JsonElement transaction)
    {
        try
        {
            var type = Type(transaction);
            var bytes = type < TransactionFields.Length ? Typed(type, Encode(transaction, TransactionFields[type])) : [];
            return Hash(bytes) == Text(transaction, "hash") ? bytes : null;
        }
        catch (FaultException fault) when (fault.Fault == Fault.Malformed)
        {
            return null;
        }
    }

    /// <exception cref="FaultException"><see cref="Fault.Malformed"/> when the member is missing or no text.</exception>
    public static string Text(JsonElement json, string name)
        => json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new FaultException(Fault.Malformed, $"a node's answer lacks {name}");

    // The validators of QBFT and IBFT 2.0 seal a hash that cannot cover their seals: extraData is the list of 32 bytes of vanity, validators,
    // vote, round and seals, and is hashed with an empty list in the seals' place (QBFT) or without it (IBFT 2.0).
    private static IEnumerable<byte[]> Extras(byte[] extra)
    {
        yield return extra;
        if (Sealed(extra) is not { } parts)
            yield break;

        byte[][] unsealed = [.. parts.SkipLast(1).Select(Raw)];
        yield return RLP.EncodeList([.. unsealed, RLP.EncodeList()]);
        yield return RLP.EncodeList(unsealed);
    }

    private static RLPCollection? Sealed(byte[] extra)
    {
        const int vanity = 32;
        try
        {
            return extra is [>= 0xc0, ..] && RLP.Decode(extra) is RLPCollection { Count: 5 } parts
                && parts[0].RLPData is { Length: vanity } && parts[4] is RLPCollection ? parts : null;
        }
        catch (Exception)
        {
            // Whatever Nethereum says of bytes that are no RLP: clique's signatures, a miner's greeting.
            return null;
        }
    }

    private static byte[] Raw(IRLPElement element)
        => element is RLPCollection list ? RLP.EncodeList([.. list.Select(Raw)]) : RLP.EncodeElement(element.RLPData ?? []);

    private static string[] Fields(string names) => names.Split(' ');

    private static bool Has(JsonElement json, string name)
        => json.TryGetProperty(name, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined);

    private static byte Type(JsonElement json) => Has(json, "type") && Hex.Long(Text(json, "type")) is var type ? (byte)Math.Min(type, byte.MaxValue) : (byte)0;

    private static byte[] Typed(byte type, byte[] payload) => type == 0 ? payload : [type, .. payload];

    private static byte[] Encode(JsonElement json, IEnumerable<string> fields) => RLP.EncodeList([.. fields.Select(field => Field(json, field))]);

    private static byte[] Field(JsonElement json, string field)
    {
        if (field[0] == '*')
        {
            // Nodes older than yParity call it v.
            var name = field == "*yParity" && !Has(json, "yParity") ? "v" : field[1..];
            return RLP.EncodeElement(Hex.Number(Text(json, name)) is { IsZero: false } number ? number.ToByteArray(isUnsigned: true, isBigEndian: true) : []);
        }

        // A transaction that creates a contract goes to nobody.
        return json.TryGetProperty(field, out var value) ? Value(value)
            : field == "to" ? Value(default) : throw new FaultException(Fault.Malformed, $"a node's answer lacks {field}");
    }

    private static byte[] Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => RLP.EncodeElement(Hex.Bytes(value.GetString())),
        JsonValueKind.Array => RLP.EncodeList([.. value.EnumerateArray().Select(Value)]),
        JsonValueKind.Object => Encode(value,
            Array.Find(MemberFields, m => Has(value, m.Mark)).Fields ?? throw new FaultException(Fault.Malformed, "a list's member is unknown")),
        JsonValueKind.Null or JsonValueKind.Undefined => RLP.EncodeElement([]),
        _ => throw new FaultException(Fault.Malformed, "a node answers a number or truth value where bytes belong"),
    };
}
