namespace Notary.Evidence.Draws;

/// <summary>Sorts many keys that look random (parts of hashes), on all cores and in linear memory: twelve bytes a key, used again by the next sort.</summary>
internal sealed class HandleOrder(int count)
{
    private const int Parts = 256;

    /// <summary>In order.</summary>
    public ulong[] Keys { get; } = new ulong[count];

    /// <summary>Which each of them was; equal keys in any order.</summary>
    public int[] Order { get; } = new int[count];

    public void Sort(Func<int, ulong> key)
    {
        // The first byte deals the keys out evenly; each part is then sorted by itself.
        var ends = new int[Parts + 1];
        for (var i = 0; i < count; i++)
            ends[(int)(key(i) >> 56) + 1]++;

        for (var i = 0; i < Parts; i++)
            ends[i + 1] += ends[i];

        var next = ends[..Parts];
        for (var i = 0; i < count; i++)
        {
            var k = key(i);
            var at = next[(int)(k >> 56)]++;
            (Keys[at], Order[at]) = (k, i);
        }

        Parallel.For(0, Parts, i => Array.Sort(Keys, Order, ends[i], ends[i + 1] - ends[i]));
    }
}
