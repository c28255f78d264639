using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Notary.Evidence;

/// <summary>A register of 32-bit lanes and the operations SHA-256 (FIPS 180-4 §4.1.2) needs of it.</summary>
internal interface ILanes<T> where T : unmanaged, ILanes<T>
{
    static abstract int Count { get; }

    static abstract T All(uint value);

    static abstract T Load(ref uint from);

    static abstract void Store(T value, ref uint to);

    static abstract T Add(T x, T y);

    static abstract T Xor3(T x, T y, T z);

    static abstract T Ch(T x, T y, T z);

    static abstract T Maj(T x, T y, T z);

    static abstract T Rotate(T x, [ConstantExpected] byte right);

    static abstract T Shift(T x, byte right);

    /// <summary>x ≪ left | y ≫ (32 − left): bytes of two neighbouring words, shifted along by the prefix byte.</summary>
    static abstract T Join(T x, T y, byte left);

    /// <summary>The even and the odd elements of 2 × <see cref="Count"/> neighbours.</summary>
    static abstract (T Even, T Odd) Pairs(ref uint from);
}

/// <summary>SHA-256 of one leaf or node per lane. All methods work in place on word-sliced levels (<see cref="MerkleEngine"/>).</summary>
internal static class ShaLanes<T> where T : unmanaged, ILanes<T>
{
    /// <summary>Replaces entries of 32 bytes by their leaf hashes: one block, 0x00‖data‖0x80‖…‖264 bits.</summary>
    public static void Leaves(Span<uint> words, int stride, int count)
    {
        Span<T> w = stackalloc T[16];
        Span<T> s = stackalloc T[8];
        ref var first = ref MemoryMarshal.GetReference(words);
        for (var at = 0; at < count; at += T.Count)
        {
            var previous = T.All(0);
            for (var i = 0; i < 8; i++)
            {
                var word = T.Load(ref Unsafe.Add(ref first, (i * stride) + at));
                w[i] = T.Join(previous, word, 24);
                previous = word;
            }

            w[8] = T.Join(previous, T.All(0x80000000), 24);
            w[9..15].Fill(T.All(0));
            w[15] = T.All(33 * 8);
            Begin(s);
            Compress(s, w);
            for (var i = 0; i < 8; i++)
                T.Store(s[i], ref Unsafe.Add(ref first, (i * stride) + at));
        }
    }

    /// <summary>Replaces 2 × <paramref name="parents"/> hashes by their parents: two blocks, 0x01‖left‖right‖0x80‖…‖520 bits.</summary>
    public static void Nodes(Span<uint> words, int stride, int parents)
    {
        Span<T> w = stackalloc T[16];
        Span<T> s = stackalloc T[8];
        Span<T> right = stackalloc T[8];
        ref var first = ref MemoryMarshal.GetReference(words);

        // In place is safe: parents at..at+n are written only after their children 2at..2at+2n were read.
        for (var at = 0; at < parents; at += T.Count)
        {
            var previous = T.All(1);
            for (var i = 0; i < 8; i++)
            {
                (var left, right[i]) = T.Pairs(ref Unsafe.Add(ref first, (i * stride) + (2 * at)));
                w[i] = T.Join(previous, left, 24);
                previous = left;
            }

            for (var i = 0; i < 8; i++)
            {
                w[8 + i] = T.Join(previous, right[i], 24);
                previous = right[i];
            }

            Begin(s);
            Compress(s, w);
            w[0] = T.Join(previous, T.All(0x80000000), 24);
            w[1..15].Fill(T.All(0));
            w[15] = T.All(65 * 8);
            Compress(s, w);
            for (var i = 0; i < 8; i++)
                T.Store(s[i], ref Unsafe.Add(ref first, (i * stride) + at));
        }
    }

    internal static void Begin(Span<T> s)
    {
        for (var i = 0; i < 8; i++)
            s[i] = T.All(Sha256Constants.Initial[i]);
    }

    // Once hot, the tiered compiler keeps the lanes in registers; AggressiveOptimization, which skips the tiers, runs at a third of the speed.
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void Compress(Span<T> state, Span<T> message)
    {
        ref var w = ref MemoryMarshal.GetReference(message);
        ref var k = ref MemoryMarshal.GetReference(Sha256Constants.Round);
        var (a, b, c, d) = (state[0], state[1], state[2], state[3]);
        var (e, f, g, h) = (state[4], state[5], state[6], state[7]);
        for (var t = 0; t < 64; t += 8)
        {
            Round(a, b, c, ref d, e, f, g, ref h, Next(ref w, ref k, t));
            Round(h, a, b, ref c, d, e, f, ref g, Next(ref w, ref k, t + 1));
            Round(g, h, a, ref b, c, d, e, ref f, Next(ref w, ref k, t + 2));
            Round(f, g, h, ref a, b, c, d, ref e, Next(ref w, ref k, t + 3));
            Round(e, f, g, ref h, a, b, c, ref d, Next(ref w, ref k, t + 4));
            Round(d, e, f, ref g, h, a, b, ref c, Next(ref w, ref k, t + 5));
            Round(c, d, e, ref f, g, h, a, ref b, Next(ref w, ref k, t + 6));
            Round(b, c, d, ref e, f, g, h, ref a, Next(ref w, ref k, t + 7));
        }

        state[0] = T.Add(state[0], a);
        state[1] = T.Add(state[1], b);
        state[2] = T.Add(state[2], c);
        state[3] = T.Add(state[3], d);
        state[4] = T.Add(state[4], e);
        state[5] = T.Add(state[5], f);
        state[6] = T.Add(state[6], g);
        state[7] = T.Add(state[7], h);
    }

    /// <summary>W[t] + K[t]; from t = 16 the schedule is computed into the ring of the last sixteen words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Next(ref T w, ref uint k, int t)
    {
        ref var slot = ref Unsafe.Add(ref w, t & 15);
        if (t >= 16)
        {
            var w15 = Unsafe.Add(ref w, (t - 15) & 15);
            var w2 = Unsafe.Add(ref w, (t - 2) & 15);
            var s0 = T.Xor3(T.Rotate(w15, 7), T.Rotate(w15, 18), T.Shift(w15, 3));
            var s1 = T.Xor3(T.Rotate(w2, 17), T.Rotate(w2, 19), T.Shift(w2, 10));
            slot = T.Add(T.Add(slot, s0), T.Add(Unsafe.Add(ref w, (t - 7) & 15), s1));
        }

        return T.Add(slot, T.All(Unsafe.Add(ref k, t)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(T a, T b, T c, ref T d, T e, T f, T g, ref T h, T wk)
    {
        var s1 = T.Xor3(T.Rotate(e, 6), T.Rotate(e, 11), T.Rotate(e, 25));
        var t1 = T.Add(T.Add(h, wk), T.Add(s1, T.Ch(e, f, g)));
        var s0 = T.Xor3(T.Rotate(a, 2), T.Rotate(a, 13), T.Rotate(a, 22));
        d = T.Add(d, t1);
        h = T.Add(t1, T.Add(s0, T.Maj(a, b, c)));
    }
}

/// <summary>Constants of SHA-256 (FIPS 180-4).</summary>
public static class Sha256Constants
{
    /// <summary>§5.3.3.</summary>
    public static ReadOnlySpan<uint> Initial =>
        [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

    /// <summary>§4.2.2.</summary>
    public static ReadOnlySpan<uint> Round =>
    [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ];
}
