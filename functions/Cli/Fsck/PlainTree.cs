using System.Security.Cryptography;
using Notary.Evidence;

namespace Notary.Cli;

/// <summary>RFC 6962 §2.1 word for word over all entries, remembering whole subtrees: an auditor's own tree, not the one the log is written with.</summary>
internal sealed class PlainTree(IReadOnlyList<Digest> entries)
{
    private readonly Dictionary<(long Start, long Length), Digest> perfect = [];

    public long Size => entries.Count;

    public Digest Entry(long index) => entries[(int)index];

    /// <summary>MTH(D[0:size]).</summary>
    public Digest Root(long size) => size == 0 ? new Digest(SHA256.HashData([])) : Hash(0, size);

    /// <summary>MTH(D[start : start + length]).</summary>
    public Digest Hash(long start, long length)
    {
        if (length == 1)
        {
            return Leaf(entries[(int)start]);
        }

        if (perfect.TryGetValue((start, length), out var known))
        {
            return known;
        }

        long k = 1;
        while (k * 2 < length)
        {
            k *= 2;
        }

        var hash = new Digest(SHA256.HashData([1, .. Hash(start, k).ToArray(), .. Hash(start + k, length - k).ToArray()]));
        if (k * 2 == length)
        {
            perfect.Add((start, length), hash);
        }

        return hash;
    }

    private static Digest Leaf(Digest entry) => new(SHA256.HashData([0, .. entry.ToArray()]));
}
