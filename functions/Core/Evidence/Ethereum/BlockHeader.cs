namespace Notary.Evidence.Ethereum;

/// <summary>A block's header as its hash covers it: the fifteen fields of Frontier, then in order those that London, Shanghai,
/// Cancun and Prague added.</summary>
public sealed class BlockHeader
{
    // 15 of Frontier + base fee, withdrawals root, two of blobs, beacon root, requests hash; two more are room for forks to come.
    private const int MinFields = 15;
    private const int MaxFields = 23;

    // 32 KiB of extra data would still pass; mainnet allows 32 bytes, clique and IBFT put signatures there.
    private const int MaxBytes = 64 * 1024;

    private BlockHeader(byte[] encoded, IReadOnlyList<RlpItem> fields)
    {
        Encoded = encoded;
        ParentHash = fields[0].Fixed(32);
        TransactionsRoot = fields[4].Fixed(32);
        ReceiptsRoot = fields[5].Fixed(32);
        Number = Signed(fields[8]);
        Time = fields[11].ULong() is var seconds && seconds <= MaxSeconds
            ? DateTimeOffset.FromUnixTimeSeconds((long)seconds)
            : throw new FaultException(Fault.Malformed, "a block's time is past the year 9999");
    }

    private static readonly ulong MaxSeconds = (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    /// <summary>The RLP that is hashed.</summary>
    public byte[] Encoded { get; }

    /// <summary>keccak256 of <see cref="Encoded"/>: the block's hash.</summary>
    public byte[] Hash => Keccak256.Hash(Encoded);

    public byte[] ParentHash { get; }

    public byte[] TransactionsRoot { get; }

    public byte[] ReceiptsRoot { get; }

    public long Number { get; }

    /// <summary>What the block's maker says the time was; whole seconds.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>Reads a header's RLP.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public static BlockHeader Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxBytes)
            throw new FaultException(Fault.Malformed, $"a block header has at most {MaxBytes} bytes");

        var encoded = bytes.ToArray();
        var fields = Rlp.Decode(encoded).Items;
        return fields.Count is >= MinFields and <= MaxFields
            ? new BlockHeader(encoded, fields)
            : throw new FaultException(Fault.Malformed, $"a block header has {MinFields} to {MaxFields} fields");
    }

    private static long Signed(RlpItem item)
        => item.ULong() is var value && value <= long.MaxValue ? (long)value : throw new FaultException(Fault.Malformed, "a block number exceeds 63 bits");
}
