namespace Notary.Evidence.Ethereum;

/// <summary>Keys as nibbles, and their hex-prefix encoding in leaf and extension nodes (yellow paper, appendix C).</summary>
internal static class TriePath
{
    private const byte LeafFlag = 0x20;
    private const byte OddFlag = 0x10;

    public static byte[] Nibbles(ReadOnlySpan<byte> key)
    {
        var nibbles = new byte[2 * key.Length];
        for (var i = 0; i < key.Length; i++)
        {
            nibbles[2 * i] = (byte)(key[i] >> 4);
            nibbles[(2 * i) + 1] = (byte)(key[i] & 15);
        }

        return nibbles;
    }

    /// <summary>Null unless canonically packed.</summary>
    public static byte[]? Unpack(ReadOnlySpan<byte> packed, out bool leaf)
    {
        leaf = !packed.IsEmpty && (packed[0] & LeafFlag) != 0;
        if (packed.IsEmpty || (packed[0] & 0xc0) != 0 || ((packed[0] & OddFlag) == 0 && (packed[0] & 0x0f) != 0))
            return null;

        return Nibbles(packed)[((packed[0] & OddFlag) != 0 ? 1 : 2)..];
    }
}
