namespace Notary.Verification.Tests;

/// <summary>DER with one part replaced and every length above it set right: what somebody who may change a file would do.</summary>
internal static class DerTree
{
    /// <param name="path">Which child of which child; constructed values only.</param>
    /// <param name="change">From the part's whole encoding to what stands there instead: nothing, one value or several.</param>
    public static byte[] Replace(ReadOnlySpan<byte> der, ReadOnlySpan<int> path, Func<byte[], byte[]> change)
    {
        if (path.IsEmpty)
            return change(der.ToArray());

        AsnDecoder.ReadEncodedValue(der, AsnEncodingRules.DER, out var start, out var length, out _);
        var content = der.Slice(start, length);
        var children = new List<byte[]>();
        while (!content.IsEmpty)
        {
            AsnDecoder.ReadEncodedValue(content, AsnEncodingRules.DER, out _, out _, out var used);
            children.Add(content[..used].ToArray());
            content = content[used..];
        }

        children[path[0]] = Replace(children[path[0]], path[1..], change);
        return Wrap(der[0], children.SelectMany(c => c).ToArray());
    }

    /// <summary>One value: tag, length, content.</summary>
    public static byte[] Wrap(byte tag, params byte[] content)
    {
        byte[] length = content.Length < 0x80 ? [(byte)content.Length]
            : content.Length < 0x100 ? [0x81, (byte)content.Length]
            : [0x82, (byte)(content.Length >> 8), (byte)content.Length];
        return [tag, .. length, .. content];
    }
}
