using System.Buffers.Binary;

namespace Notary.Recorder.View;

/// <summary>One direction of a session of the Remote Framebuffer protocol (RFC 6143), message by message: what is not known and allowed ends it.</summary>
internal abstract class RfbFilter
{
    /// <summary>Bytes of a message's head that are kept together; what follows flows through.</summary>
    private const int MaxHead = 4096;

    private readonly byte[] head = new byte[MaxHead];
    private int have;
    private int need;
    private long flow;
    private bool dropping;

    /// <param name="first">Bytes of the first head.</param>
    protected RfbFilter(int first) => need = first;

    /// <summary>Takes bytes as they come and writes those that may pass.</summary>
    /// <exception cref="InvalidDataException">Not this protocol, or not what is allowed of it.</exception>
    public void Push(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        while (true)
        {
            if (flow > 0)
            {
                var part = (int)Math.Min(flow, input.Length);
                if (part == 0)
                    return;

                if (!dropping)
                    output.Write(input[..part]);

                input = input[part..];
                flow -= part;
                continue;
            }

            var more = Math.Min(need - have, input.Length);
            input[..more].CopyTo(head.AsSpan(have));
            input = input[more..];
            have += more;
            if (have < need)
                return;

            var step = Judge(head.AsSpan(0, have));
            if (step.Need > have)
            {
                need = step.Need <= MaxHead ? step.Need : throw new InvalidDataException("a message's head is too long");
                continue;
            }

            if (step.Pass)
                output.Write(step.Instead is { } instead ? instead : head.AsSpan(0, have));

            (flow, dropping, have, need) = (step.Flow, !step.Pass, 0, step.Next);
        }
    }

    /// <summary>What to do with a head of as many bytes as were asked for.</summary>
    protected abstract Step Judge(ReadOnlySpan<byte> head);

    /// <summary>A length that the sender names.</summary>
    protected static long Length(ReadOnlySpan<byte> from, long most) => BinaryPrimitives.ReadInt32BigEndian(from) switch
    {
        // The extended clipboard's are negative.
        var n when Math.Abs((long)n) <= most => Math.Abs((long)n),
        _ => throw new InvalidDataException("a message is too long"),
    };

    protected static int U16(ReadOnlySpan<byte> from) => BinaryPrimitives.ReadUInt16BigEndian(from);

    /// <summary>A decision.</summary>
    /// <param name="Need">More bytes than there are: ask again with so many.</param>
    /// <param name="Pass">Whether the head, and what flows after it, passes.</param>
    /// <param name="Flow">Bytes that belong to the message after its head.</param>
    /// <param name="Instead">Passes in place of the head.</param>
    /// <param name="Next">Bytes of the next head.</param>
    protected readonly record struct Step(int Need, bool Pass, long Flow = 0, byte[]? Instead = null, int Next = 1)
    {
        public static Step More(int need) => new(need, false);
    }
}
