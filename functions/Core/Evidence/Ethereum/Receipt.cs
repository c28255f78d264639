namespace Notary.Evidence.Ethereum;

/// <summary>An event's record: who, its topics (32 bytes each, the first the event's signature), its data.</summary>
public sealed record EventLog(Address Address, IReadOnlyList<byte[]> Topics, byte[] Data);

/// <summary>What a transaction did, as the receipts trie holds it: types 0 (legacy), 1 (EIP-2930), 2 (EIP-1559), 3 (EIP-4844), 4 (EIP-7702).</summary>
/// <param name="Type">The transaction type's byte (EIP-2718); 0 is encoded without it.</param>
/// <param name="Succeeded">The status of EIP-658.</param>
/// <param name="CumulativeGasUsed">Gas of the block up to and with this transaction.</param>
/// <param name="Bloom">256 bytes.</param>
/// <param name="Logs">In the order they were emitted.</param>
public sealed record Receipt(byte Type, bool Succeeded, BigInteger CumulativeGasUsed, byte[] Bloom, IReadOnlyList<EventLog> Logs)
{
    private const byte NewestType = 4;
    private const int BloomSize = 256;

    /// <summary>Reads the bytes of the receipts trie.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public static Receipt Decode(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty || bytes.Span[0] is 0 or (> NewestType and < 0xc0))
            throw new FaultException(Fault.Malformed, $"a receipt is of type 0 to {NewestType}");

        var type = bytes.Span[0] < 0xc0 ? bytes.Span[0] : (byte)0;
        var fields = Rlp.Decode(type == 0 ? bytes : bytes[1..]).Items;
        if (fields.Count != 4 || fields[0].ULong() > 1)
            throw new FaultException(Fault.Malformed, "a receipt has a status of 0 or 1, gas, bloom and logs");

        return new Receipt(type, fields[0].ULong() == 1, fields[1].Scalar(), fields[2].Fixed(BloomSize), [.. fields[3].Items.Select(FromRlp)]);
    }

    private static EventLog FromRlp(RlpItem item)
        => item.Items.Count == 3
            ? new EventLog(new Address(item.Items[0].Fixed(Address.Size)), [.. item.Items[1].Items.Select(t => t.Fixed(32))], item.Items[2].Bytes.ToArray())
            : throw new FaultException(Fault.Malformed, "a log has an address, topics and data");
}
