using System.Numerics;

namespace Notary.Evidence.Ethereum;

/// <summary>One address and the storage keys (32 bytes each) that a transaction announces (EIP-2930).</summary>
public sealed record AccessListEntry(Address Address, IReadOnlyList<byte[]> StorageKeys);

/// <summary>A transaction of type 2 before it is signed (EIP-1559). Fees are wei per gas; <paramref name="To"/> is null to create a contract.</summary>
public sealed record Transaction1559(
    ulong ChainId,
    ulong Nonce,
    BigInteger MaxPriorityFeePerGas,
    BigInteger MaxFeePerGas,
    ulong GasLimit,
    Address? To,
    BigInteger Value,
    byte[] Data)
{
    /// <summary>The transaction type's byte, before the RLP (EIP-2718).</summary>
    public const byte Type = 2;

    /// <summary>Ours are always empty; read back so that others' decode.</summary>
    public IReadOnlyList<AccessListEntry> AccessList { get; init; } = [];

    /// <summary>The 32 bytes the sender signs: keccak256(0x02 ‖ rlp([…])).</summary>
    public byte[] SigningHash() => Keccak256.Hash(Typed(Fields()));

    /// <summary>The bytes that go on the wire: 0x02 ‖ rlp([…, yParity, r, s]).</summary>
    /// <param name="signature">r‖s, 64 bytes, low s.</param>
    /// <param name="yParity">Which of the two recoverable keys is the sender's.</param>
    public byte[] Encode(ReadOnlySpan<byte> signature, bool yParity)
    {
        if (!Secp256k1.IsLowS(signature))
        {
            throw new FaultException(Fault.SignatureInvalid, "a transaction's signature has its s in the lower half (EIP-2)");
        }

        return Typed([
            .. Fields(),
            RlpItem.Of(yParity ? BigInteger.One : BigInteger.Zero),
            RlpItem.Of(new BigInteger(signature[..32], isUnsigned: true, isBigEndian: true)),
            RlpItem.Of(new BigInteger(signature[32..], isUnsigned: true, isBigEndian: true)),
        ]);
    }

    private static byte[] Typed(IReadOnlyList<RlpItem> fields) => [Type, .. Rlp.EncodeList(fields)];

    private RlpItem[] Fields() =>
    [
        RlpItem.Of(ChainId),
        RlpItem.Of(Nonce),
        RlpItem.Of(MaxPriorityFeePerGas),
        RlpItem.Of(MaxFeePerGas),
        RlpItem.Of(GasLimit),
        RlpItem.Of(To?.ToArray() ?? []),
        RlpItem.Of(Value),
        RlpItem.Of(Data),
        AccessLists.ToRlp(AccessList),
    ];
}

/// <summary>EIP-2930's access list in RLP.</summary>
internal static class AccessLists
{
    public static RlpItem ToRlp(IReadOnlyList<AccessListEntry> list)
        => RlpItem.List([.. list.Select(e => RlpItem.List(RlpItem.Of(e.Address.ToArray()), RlpItem.List([.. e.StorageKeys.Select(k => RlpItem.Of(k))])))]);

    public static IReadOnlyList<AccessListEntry> FromRlp(RlpItem item)
        => [.. item.Items.Select(e => e.Items.Count == 2
            ? new AccessListEntry(new Address(e.Items[0].Fixed(Address.Size)), [.. e.Items[1].Items.Select(k => k.Fixed(32))])
            : throw Rlp.Bad("an access list entry has two parts"))];
}
