namespace Notary.Cli;

/// <summary>The genesis of a new network whose blocks its members' nodes agree on by QBFT, as Hyperledger Besu reads it.</summary>
internal static class QbftGenesis
{
    /// <summary>Bytes at the start of the extra data that mean nothing.</summary>
    private const int Vanity = 32;

    /// <summary>"…ctical byzantine fault tolerance": by this mix hash a node knows that a block is QBFT's.</summary>
    private const string MixHash = "0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365";

    // Besu's documented example has these: seconds between blocks, blocks until votes on validators lapse, seconds until a round is given up.
    private const int BlockSeconds = 5;
    private const int EpochBlocks = 30_000;
    private const int RoundSeconds = 10;

    /// <summary>Gas of a block: as Ethereum's long had, many times what founding a consortium takes.</summary>
    private const string GasLimit = "0x1c9c380";

    /// <summary>RLP of vanity, validators, votes, round and seals; at the genesis there is neither vote nor seal, and the round is the first.</summary>
    public static byte[] ExtraData(IEnumerable<Address> validators)
        => Rlp.EncodeList(RlpItem.Of(new byte[Vanity]), RlpItem.List([.. Ordered(validators).Select(v => RlpItem.Of(v.ToArray()))]),
            RlpItem.List(), RlpItem.Of(0), RlpItem.List());

    /// <summary>The file: the same validators and chain, the same bytes, whoever writes it.</summary>
    /// <remarks>It preloads nothing. A consortium's constructor judges its founders' proofs; code put there without it would have no members.</remarks>
    public static string Write(long chainId, IEnumerable<Address> validators) => new JsonObject
    {
        ["config"] = new JsonObject
        {
            ["chainId"] = chainId,
            ["berlinBlock"] = 0,
            ["londonBlock"] = 0,
            ["zeroBaseFee"] = true,
            ["qbft"] = new JsonObject
            {
                ["epochlength"] = EpochBlocks, ["blockperiodseconds"] = BlockSeconds, ["requesttimeoutseconds"] = RoundSeconds,
            },
        },
        ["nonce"] = "0x0",
        ["timestamp"] = "0x0",
        ["extraData"] = Hex.Of(ExtraData(validators)),
        ["gasLimit"] = GasLimit,
        ["difficulty"] = "0x1",
        ["mixHash"] = MixHash,
        ["coinbase"] = default(Address).ToLowerHex(),
        ["alloc"] = new JsonObject(),
    }.ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n" }) + "\n";

    private static IEnumerable<Address> Ordered(IEnumerable<Address> validators) => validators.OrderBy(v => v.ToLowerHex(), StringComparer.Ordinal);
}
