namespace Notary.Evidence.Ethereum;

/// <summary>An anchor as the contract's event tells it.</summary>
/// <param name="Size">Leaves of the log.</param>
/// <param name="Root">Root hash of the log at that size.</param>
/// <param name="Sender">The permitted member who sent it.</param>
public sealed record Anchored(long Size, Digest Root, Address Sender);

/// <summary>The ABI of <c>EvidenceAnchor.sol</c> and <c>ConsortiumAnchor.sol</c> (Solidity contract ABI specification): the calls and the event that an
/// anchor is judged by.</summary>
public static class AnchorContract
{
    private const int Word = 32;

    /// <summary>The event's first topic: keccak256 of its signature.</summary>
    public static readonly byte[] AnchoredTopic = Keccak256.Hash("Anchored(uint64,bytes32,address)"u8);

    private static readonly byte[] AnchorSelector = Keccak256.Hash("anchor(uint64,bytes32)"u8)[..4];

    /// <summary><c>rootOf(uint64)</c>: the root recorded for that size, zero if none.</summary>
    public static byte[] EncodeRootOf(long size)
    {
        byte[] data = [.. Keccak256.Hash("rootOf(uint64)"u8).AsSpan(0, 4), .. new byte[Word]];
        BinaryPrimitives.WriteInt64BigEndian(data.AsSpan(data.Length - 8), size);
        return data;
    }

    public static byte[] EncodeAnchor(long size, Digest root) => AbiValue.Call("anchor(uint64,bytes32)", AbiValue.Of(size), AbiValue.Of(root));

    /// <summary>Reads the call data of <c>anchor</c>; false for any other.</summary>
    public static bool TryDecodeAnchor(ReadOnlySpan<byte> data, out long size, out Digest root)
    {
        size = 0;
        root = default;
        if (data.Length != 4 + (2 * Word) || !data[..4].SequenceEqual(AnchorSelector) || !TryNumber(data.Slice(4, Word), out size))
            return false;

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

    private static bool TryNumber(ReadOnlySpan<byte> word, out long value)
    {
        value = BinaryPrimitives.ReadInt64BigEndian(word[(Word - 8)..]);
        return value >= 0 && !word[..(Word - 8)].ContainsAnyExcept((byte)0);
    }
}
