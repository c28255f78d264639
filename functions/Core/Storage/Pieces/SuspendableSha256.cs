using System.Buffers.Binary;
using System.Numerics;

namespace Notary.Storage;

/// <summary>SHA-256 (FIPS 180-4) that stops after any block and goes on in another process: the framework's classes do not give their state out.</summary>
/// <remarks>The machine's libcrypto does the blocks where it is there and agrees with the code below (<see cref="NativeSha256"/>).</remarks>
internal sealed class SuspendableSha256
{
    /// <summary>Where it can stop: after a multiple of this.</summary>
    public const int BlockBytes = 64;

    /// <summary>Bytes of a state, H(0) to H(7), each big-endian as in a digest.</summary>
    public const int StateBytes = 32;

    private readonly uint[] state = Sha256Constants.Initial.ToArray();
    private readonly byte[] rest = new byte[BlockBytes];
    private int kept;

    /// <summary>Bytes that were appended.</summary>
    public long Length { get; private set; }

    /// <summary>Goes on where another stopped.</summary>
    /// <param name="suspended">What <see cref="Suspend"/> gave.</param>
    /// <param name="length">Bytes that it stands for.</param>
    /// <exception cref="ArgumentException">No state, or not between two blocks.</exception>
    public static SuspendableSha256 Resume(ReadOnlySpan<byte> suspended, long length)
    {
        if (suspended.Length != StateBytes || length < 0 || length % BlockBytes != 0)
            throw new ArgumentException("no state of a SHA-256 between two blocks", nameof(suspended));

        var sha = new SuspendableSha256 { Length = length };
        for (var i = 0; i < sha.state.Length; i++)
            sha.state[i] = BinaryPrimitives.ReadUInt32BigEndian(suspended[(4 * i)..]);

        return sha;
    }

    /// <summary>The state after what was appended.</summary>
    /// <exception cref="InvalidOperationException">Not between two blocks.</exception>
    public byte[] Suspend() => kept == 0 ? Bytes() : throw new InvalidOperationException("a SHA-256 stops between two blocks");

    public void Append(ReadOnlySpan<byte> data)
    {
        Length += data.Length;
        if (kept > 0)
        {
            var taken = Math.Min(data.Length, BlockBytes - kept);
            data[..taken].CopyTo(rest.AsSpan(kept));
            kept += taken;
            data = data[taken..];
            if (kept < BlockBytes)
                return;

            Compress(rest);
        }

        var whole = data.Length - (data.Length % BlockBytes);
        Compress(data[..whole]);
        data[whole..].CopyTo(rest);
        kept = data.Length - whole;
    }

    /// <summary>The digest; nothing can be appended afterwards.</summary>
    public Digest Finish()
    {
        // §5.1.1: a one, zeros, and the length in bits.
        var bits = Length * 8;
        var padding = new byte[((kept < BlockBytes - 8 ? 1 : 2) * BlockBytes) - kept];
        padding[0] = 0x80;
        BinaryPrimitives.WriteInt64BigEndian(padding.AsSpan(^8..), bits);
        Append(padding);
        return new Digest(Bytes());
    }

    private byte[] Bytes()
    {
        var bytes = new byte[StateBytes];
        for (var i = 0; i < state.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4 * i), state[i]);

        return bytes;
    }

    private void Compress(ReadOnlySpan<byte> blocks)
    {
        if (NativeSha256.IsTrusted)
            NativeSha256.Compress(state, blocks);
        else
            CompressHere(state, blocks);
    }

    /// <summary>§6.2.2 over whole blocks.</summary>
    internal static void CompressHere(Span<uint> state, ReadOnlySpan<byte> blocks)
    {
        Span<uint> w = stackalloc uint[64];
        for (; blocks.Length >= BlockBytes; blocks = blocks[BlockBytes..])
        {
            for (var t = 0; t < 16; t++)
                w[t] = BinaryPrimitives.ReadUInt32BigEndian(blocks[(4 * t)..]);

            for (var t = 16; t < 64; t++)
            {
                var (x, y) = (w[t - 15], w[t - 2]);
                w[t] = w[t - 16] + (BitOperations.RotateRight(x, 7) ^ BitOperations.RotateRight(x, 18) ^ (x >> 3))
                    + w[t - 7] + (BitOperations.RotateRight(y, 17) ^ BitOperations.RotateRight(y, 19) ^ (y >> 10));
            }

            var (a, b, c, d, e, f, g, h) = (state[0], state[1], state[2], state[3], state[4], state[5], state[6], state[7]);
            for (var t = 0; t < 64; t++)
            {
                var first = h + (BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25))
                    + ((e & f) ^ (~e & g)) + Sha256Constants.Round[t] + w[t];
                var second = (BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22))
                    + ((a & b) ^ (a & c) ^ (b & c));
                (h, g, f, e, d, c, b, a) = (g, f, e, d + first, c, b, a, first + second);
            }

            state[0] += a;
            state[1] += b;
            state[2] += c;
            state[3] += d;
            state[4] += e;
            state[5] += f;
            state[6] += g;
            state[7] += h;
        }
    }
}
