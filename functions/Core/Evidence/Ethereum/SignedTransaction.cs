namespace Notary.Evidence.Ethereum;

/// <summary>One address and the storage keys (32 bytes each) that a transaction announces (EIP-2930).</summary>
public sealed record AccessListEntry(Address Address, IReadOnlyList<byte[]> StorageKeys);

/// <summary>A transaction read from its signed bytes: type 0 (legacy, with or without EIP-155), 1 (EIP-2930) or 2 (EIP-1559).</summary>
/// <remarks>Fees are wei per gas; for types 0 and 1 both fees are the gas price. <paramref name="ChainId"/>
/// is null for a legacy transaction without replay protection.</remarks>
public sealed record SignedTransaction(
    byte Type,
    ulong? ChainId,
    ulong Nonce,
    BigInteger MaxPriorityFeePerGas,
    BigInteger MaxFeePerGas,
    ulong GasLimit,
    Address? To,
    BigInteger Value,
    byte[] Data,
    IReadOnlyList<AccessListEntry> AccessList,
    bool YParity,
    byte[] Signature,
    byte[] Hash,
    Address Sender)
{
    // The largest transaction geth's pool takes is 128 KiB; anything beyond is an attack on the reader's memory.
    private const int MaxBytes = 128 * 1024;

    /// <summary>Reads strictly: canonical RLP, exact field count, scalars without leading zeros, r and s in range, low s, a recoverable sender.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/> for the encoding, <see cref="Fault.SignatureInvalid"/> for the signature.</exception>
    public static SignedTransaction Decode(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length is 0 or > MaxBytes)
            throw new FaultException(Fault.Malformed, $"a transaction has 1 to {MaxBytes} bytes");

        return bytes.Span[0] switch
        {
            >= 0xc0 => Legacy(bytes),
            1 => Typed(bytes, new Layout(1, PriorityFee: 2, MaxFee: 2, Gas: 3, Count: 11)),
            2 => Typed(bytes, new Layout(2, PriorityFee: 2, MaxFee: 3, Gas: 4, Count: 12)),
            var type => throw new FaultException(Fault.Malformed, $"transaction type {type} is not one this reader knows (0, 1, 2)"),
        };
    }

    // Where the fields stand; from Gas on, types 1 and 2 go on alike.
    private readonly record struct Layout(byte Type, int PriorityFee, int MaxFee, int Gas, int Count);

    private static SignedTransaction Typed(ReadOnlyMemory<byte> bytes, Layout layout)
    {
        var f = Fields(bytes[1..], layout.Count);
        byte[] unsigned = [layout.Type, .. Rlp.EncodeList([.. f.Take(layout.Count - 3)])];
        var parity = f[layout.Count - 3].ULong();
        var body = new Body(layout.Type, f[0].ULong(), f[1].ULong(), f[layout.PriorityFee].Scalar(),
            f[layout.MaxFee].Scalar(), f[layout.Gas..], AccessListOf(f[layout.Gas + 4]));
        return parity <= 1
            ? Finish(bytes, body, unsigned, parity == 1, f[layout.Count - 2], f[layout.Count - 1])
            : throw new FaultException(Fault.SignatureInvalid, "yParity is 0 or 1");
    }

    private static SignedTransaction Legacy(ReadOnlyMemory<byte> bytes)
    {
        var f = Fields(bytes, 9);
        var v = f[6].Scalar();
        ulong? chain = null;
        if (v >= 35)
        {
            // EIP-155: v = 35 + 2·chainId + yParity.
            var id = (v - 35) / 2;
            chain = id <= ulong.MaxValue ? (ulong)id : throw Rlp.Bad("a chain id exceeds 64 bits");
        }
        else if (v != 27 && v != 28)
        {
            throw new FaultException(Fault.SignatureInvalid, "v of a legacy transaction is 27, 28 or 35 and above");
        }

        RlpItem[] replay = chain is { } c ? [RlpItem.Of(c), RlpItem.Of(0), RlpItem.Of(0)] : [];
        var unsigned = Rlp.EncodeList([.. f.Take(6), .. replay]);
        var price = f[1].Scalar();
        return Finish(bytes, new Body(0, chain, f[0].ULong(), price, price, f[2..], []), unsigned, v.IsEven, f[7], f[8]);
    }

    // Rest: gas limit, to, value, data, …
    private readonly record struct Body(
        byte Type, ulong? ChainId, ulong Nonce, BigInteger PriorityFee, BigInteger MaxFee, RlpItem[] Rest, IReadOnlyList<AccessListEntry> AccessList);

    private static SignedTransaction Finish(ReadOnlyMemory<byte> bytes, Body body, byte[] unsigned, bool parity, RlpItem r, RlpItem s)
    {
        var signature = new byte[Secp256k1.SignatureSize];
        Pad(r, signature.AsSpan(0, 32));
        Pad(s, signature.AsSpan(32));
        var key = Secp256k1.IsLowS(signature) ? Secp256k1.Recover(Keccak256.Hash(unsigned), signature, parity) : null;
        var to = body.Rest[1].Bytes;
        return new SignedTransaction(
            body.Type,
            body.ChainId,
            body.Nonce,
            body.PriorityFee,
            body.MaxFee,
            body.Rest[0].ULong(),
            to.IsEmpty ? null : new Address(body.Rest[1].Fixed(Address.Size)),
            body.Rest[2].Scalar(),
            body.Rest[3].Bytes.ToArray(),
            body.AccessList,
            parity,
            signature,
            Keccak256.Hash(bytes.Span),
            key is null ? throw new FaultException(Fault.SignatureInvalid, "no sender can be recovered: r or s is out of range, s is high, or r is on no point")
                : Address.OfPublicKey(key));
    }

    private static AccessListEntry[] AccessListOf(RlpItem item)
        => [.. item.Items.Select(e => e.Items.Count == 2
            ? new AccessListEntry(new Address(e.Items[0].Fixed(Address.Size)), [.. e.Items[1].Items.Select(k => k.Fixed(32))])
            : throw Rlp.Bad("an access list entry has two parts"))];

    private static RlpItem[] Fields(ReadOnlyMemory<byte> bytes, int count)
    {
        var items = Rlp.Decode(bytes).Items;
        return items.Count == count ? [.. items] : throw Rlp.Bad($"a transaction of this type has {count} fields, not {items.Count}");
    }

    private static void Pad(RlpItem scalar, Span<byte> to)
    {
        scalar.Scalar();
        scalar.Bytes.Span.CopyTo(to[(32 - scalar.Bytes.Length)..]);
    }
}
