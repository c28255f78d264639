namespace Notary.Evidence.Draws;

/// <summary>Sorts many keys that look random (parts of hashes), on all cores and in linear memory.</summary>
internal static class HandleOrder
{
    private const int Parts = 256;

    /// <summary>The keys in order, and which each of them was; equal keys in any order.</summary>
    public static (ulong[] Keys, int[] Order) Of(int count, Func<int, ulong> key)
    {
        // The first byte deals the keys out evenly; each part is then sorted by itself.
        var ends = new int[Parts + 1];
        for (var i = 0; i < count; i++)
            ends[(int)(key(i) >> 56) + 1]++;

        for (var i = 0; i < Parts; i++)
            ends[i + 1] += ends[i];

        var (keys, order, next) = (new ulong[count], new int[count], ends[..Parts]);
        for (var i = 0; i < count; i++)
        {
            var k = key(i);
            var at = next[(int)(k >> 56)]++;
            (keys[at], order[at]) = (k, i);
        }

        Parallel.For(0, Parts, i => Array.Sort(keys, order, ends[i], ends[i + 1] - ends[i]));
        return (keys, order);
    }
}
