using System.Buffers.Binary;
using System.Text;

namespace Notary.Evidence.Ethereum;

/// <summary>An anchor as the contract's event tells it.</summary>
/// <param name="Size">Leaves of the log.</param>
/// <param name="Root">Root hash of the log at that size.</param>
/// <param name="Sender">The permitted member who sent it.</param>
public sealed record Anchored(long Size, Digest Root, Address Sender);

/// <summary>The ABI of <c>EvidenceAnchor.sol</c> (Solidity contract ABI specification): the calls we make and the event we read.</summary>
public static class AnchorContract
{
    private const int Word = 32;

    /// <summary>The event's first topic: keccak256 of its signature.</summary>
    public static readonly byte[] AnchoredTopic = Keccak256.Hash("Anchored(uint64,bytes32,address)"u8);

    /// <summary><c>anchor(uint64,bytes32)</c>: records the root at that size.</summary>
    public static byte[] EncodeAnchor(long size, Digest root) => [.. Selector("anchor(uint64,bytes32)"), .. Number(size), .. root.ToArray()];

    /// <summary><c>rootOf(uint64)</c>: the root recorded for that size, zero if none.</summary>
    public static byte[] EncodeRootOf(long size) => [.. Selector("rootOf(uint64)"), .. Number(size)];

    /// <summary><c>latest()</c>: the newest size and its root.</summary>
    public static byte[] EncodeLatest() => Selector("latest()");

    /// <summary><c>permitted(address)</c>: whether that member may anchor.</summary>
    public static byte[] EncodePermitted(Address sender) => [.. Selector("permitted(address)"), .. Left(sender.ToArray())];

    /// <summary><c>grant(address)</c>, the administrator's: permits a member.</summary>
    public static byte[] EncodeGrant(Address sender) => [.. Selector("grant(address)"), .. Left(sender.ToArray())];

    /// <summary><c>revoke(address)</c>, the administrator's: takes the permission back.</summary>
    public static byte[] EncodeRevoke(Address sender) => [.. Selector("revoke(address)"), .. Left(sender.ToArray())];

    /// <summary>The constructor's arguments <c>(address admin, address[] senders)</c>, which follow the creation code.</summary>
    public static byte[] EncodeConstructor(Address admin, IReadOnlyList<Address> senders)
        => [.. Left(admin.ToArray()), .. Number(2 * Word), .. Number(senders.Count), .. senders.SelectMany(s => Left(s.ToArray()))];

    /// <summary>Reads the call data of <c>anchor</c>; false for any other.</summary>
    public static bool TryDecodeAnchor(ReadOnlySpan<byte> data, out long size, out Digest root)
    {
        size = 0;
        root = default;
        if (data.Length != 4 + (2 * Word) || !data[..4].SequenceEqual(Selector("anchor(uint64,bytes32)")) || !TryNumber(data.Slice(4, Word), out size))
        {
            return false;
        }

        root = new Digest(data[(4 + Word)..]);
        return true;
    }

    /// <summary>Reads the event; false for a log of anything else.</summary>
    public static bool TryDecodeAnchored(EventLog log, out Anchored? anchored)
    {
        anchored = null;
        if (log.Topics.Count != 2 || !log.Topics[0].AsSpan().SequenceEqual(AnchoredTopic) || log.Data.Length != 2 * Word
            || !TryNumber(log.Topics[1], out var size) || log.Data.AsSpan(Word, Word - Address.Size).ContainsAnyExcept((byte)0))
        {
            return false;
        }

        anchored = new Anchored(size, new Digest(log.Data.AsSpan(0, Word)), new Address(log.Data.AsSpan((2 * Word) - Address.Size)));
        return true;
    }

    /// <summary>The topic that an <c>Anchored</c> event of that size is indexed by.</summary>
    public static byte[] SizeTopic(long size) => Number(size);

    /// <summary>Reads what <c>latest()</c> answers.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public static (long Size, Digest Root) DecodeLatest(ReadOnlySpan<byte> answer)
        => answer.Length == 2 * Word && TryNumber(answer[..Word], out var size)
            ? (size, new Digest(answer[Word..]))
            : throw new FaultException(Fault.Malformed, "latest() answers a size and a root");

    private static byte[] Selector(string signature) => Keccak256.Hash(Encoding.ASCII.GetBytes(signature))[..4];

    private static byte[] Number(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        var word = new byte[Word];
        BinaryPrimitives.WriteInt64BigEndian(word.AsSpan(Word - 8), value);
        return word;
    }

    private static byte[] Left(byte[] bytes)
    {
        var word = new byte[Word];
        bytes.CopyTo(word, Word - bytes.Length);
        return word;
    }

    private static bool TryNumber(ReadOnlySpan<byte> word, out long value)
    {
        value = BinaryPrimitives.ReadInt64BigEndian(word[(Word - 8)..]);
        return value >= 0 && !word[..(Word - 8)].ContainsAnyExcept((byte)0);
    }
}
