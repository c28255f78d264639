using System.Buffers.Binary;

namespace Notary.Recorder.View;

/// <summary>From the viewer: no clipboard, no other screen size, no encoding that <see cref="ScreenFilter"/> cannot follow, and no key or pointer before they
/// are connected.</summary>
internal sealed class ViewerFilter() : RfbFilter(12)
{
    /// <summary>Encodings in one message: a viewer names some thirty.</summary>
    private const int MaxEncodings = 256;

    /// <summary>Bytes of a clipboard that are thrown away before its sender is.</summary>
    private const long MaxClipboard = 16L << 20;

    private const int BitsPerPixel = 32;

    private int handshake;
    private volatile bool connected;
    private long inputs;

    /// <summary>Whether keys and pointer pass.</summary>
    public bool Connected
    {
        get => connected;
        set => connected = value;
    }

    /// <summary>Keys and pointer movements that passed.</summary>
    public long Inputs => Interlocked.Read(ref inputs);

    protected override Step Judge(ReadOnlySpan<byte> head)
    {
        // Version, security type, shared (RFC 6143 §7.1, §7.3.1).
        if (handshake < 3)
        {
            var right = handshake switch
            {
                0 => head.SequenceEqual("RFB 003.008\n"u8),
                1 => head[0] == 1,
                _ => true,
            };
            handshake++;
            return right ? new Step(0, true) : throw new InvalidDataException("not RFB 3.8 without authentication");
        }

        return head[0] switch
        {
            0 => Whole(head, 20, head.Length < 5 || head[4] == BitsPerPixel),
            2 when head.Length < 4 => Step.More(4),
            2 => Encodings(head),
            3 or 150 => Whole(head, 10),
            4 => Input(head, 8),
            5 => Input(head, 6),
            6 when head.Length < 8 => Step.More(8),
            6 => new Step(0, false, Length(head[4..], MaxClipboard)),
            248 when head.Length < 9 => Step.More(9),
            248 => Whole(head, 9 + Math.Min((int)head[8], 64)),
            250 => head.Length < 4 ? Step.More(4) : new Step(0, false),
            251 => head.Length < 8 ? Step.More(8) : new Step(0, false, head[6] * 16),
            255 when head.Length < 2 => Step.More(2),
            255 when head[1] == 0 => Input(head, 12),
            _ => throw new InvalidDataException($"no viewer sends message {head[0]}"),
        };
    }

    private static Step Whole(ReadOnlySpan<byte> head, int size, bool right = true)
        => !right ? throw new InvalidDataException("not 32 bits a pixel") : head.Length < size ? Step.More(size) : new Step(0, true);

    private Step Input(ReadOnlySpan<byte> head, int size)
    {
        if (head.Length < size)
            return Step.More(size);

        if (connected)
            Interlocked.Increment(ref inputs);

        return new Step(0, connected);
    }

    private static Step Encodings(ReadOnlySpan<byte> head)
    {
        var count = U16(head[2..]);
        if (count > MaxEncodings)
            throw new InvalidDataException("too many encodings");

        if (head.Length < 4 + (4 * count))
            return Step.More(4 + (4 * count));

        var kept = new List<byte>();
        for (var at = 4; at < head.Length; at += 4)
        {
            if (ScreenFilter.Follows(BinaryPrimitives.ReadInt32BigEndian(head[at..])))
                kept.AddRange(head.Slice(at, 4));
        }

        return new Step(0, true, Instead: [2, 0, (byte)(kept.Count / 4 >> 8), (byte)(kept.Count / 4), .. kept]);
    }
}
