using System.Buffers.Binary;

namespace Notary.Recorder.View;

/// <summary>From the desktop: its screen, and nothing of its clipboard, whatever the server was set to.</summary>
internal sealed class ScreenFilter() : RfbFilter(12)
{
    /// <summary>Of one rectangle, compressed: a screen of 4096 by 4096 pixels as it is.</summary>
    private const long MaxRectangle = 64L << 20;

    /// <summary>Of a clipboard.</summary>
    private const long MaxClipboard = 16L << 20;

    private const int BytesPerPixel = 4;

    // RFC 6143 §7.7 and §7.8; the community's registry for the others.
    private const int Raw = 0, CopyRect = 1, Zrle = 16, LastRect = -224, DesktopSize = -223, Cursor = -239, ExtendedKey = -258, ExtendedDesktopSize = -308,
        Fence = -312, ContinuousUpdates = -313;

    private int handshake;
    private int rectangles;

    /// <summary>Whether the lengths of an encoding are known here, or it only says what a viewer can.</summary>
    public static bool Follows(int encoding)
        => encoding is Raw or CopyRect or Zrle or LastRect or DesktopSize or Cursor or ExtendedKey or ExtendedDesktopSize or Fence or ContinuousUpdates
            or (>= -32 and <= -23) or (>= -256 and <= -247);

    protected override Step Judge(ReadOnlySpan<byte> head)
    {
        // Version, security types, result, the screen's size, format and name (RFC 6143 §7.1, §7.3.2).
        switch (handshake)
        {
            case 0:
                handshake++;
                return new Step(0, true);
            case 1:
                if (head.Length < 1 + head[0])
                    return Step.More(1 + head[0]);

                handshake++;
                return new Step(0, true, Next: 4);
            case 2:
                handshake++;
                return new Step(0, true, Next: 24);
            case 3:
                handshake++;
                return new Step(0, true, Length(head[20..], MaxClipboard));
        }

        if (rectangles > 0)
            return head.Length < 12 ? Step.More(12) : Rectangle(head);

        switch (head[0])
        {
            case 0 when head.Length < 4:
                return Step.More(4);
            case 0:
                rectangles = U16(head[2..]);
                return new Step(0, true);
            case 1:
                return head.Length < 6 ? Step.More(6) : new Step(0, true, 6 * U16(head[4..]));
            case 2 or 150:
                return new Step(0, true);
            case 3:
                return head.Length < 8 ? Step.More(8) : new Step(0, false, Length(head[4..], MaxClipboard));
            case 248:
                return head.Length < 9 ? Step.More(9) : new Step(0, true, head[8]);
            case 250:
                return head.Length < 4 ? Step.More(4) : new Step(0, false);
            default:
                throw new InvalidDataException($"no server sends message {head[0]}");
        }
    }

    private Step Rectangle(ReadOnlySpan<byte> head)
    {
        var (width, height) = (U16(head[4..]), U16(head[6..]));
        long flow;
        switch (BinaryPrimitives.ReadInt32BigEndian(head[8..]))
        {
            case Raw:
                flow = (long)width * height * BytesPerPixel;
                break;
            case CopyRect:
                flow = 4;
                break;
            case Zrle when head.Length < 16:
                return Step.More(16);
            case Zrle:
                flow = Length(head[12..], MaxRectangle);
                break;
            case Cursor:
                flow = ((long)width * height * BytesPerPixel) + ((width + 7) / 8 * height);
                break;
            case DesktopSize or ExtendedKey:
                flow = 0;
                break;
            case LastRect:
                rectangles = 1;
                flow = 0;
                break;
            case ExtendedDesktopSize when head.Length < 16:
                return Step.More(16);
            case ExtendedDesktopSize:
                flow = 16L * head[12];
                break;
            default:
                throw new InvalidDataException("an encoding that was not asked for");
        }

        rectangles--;
        return new Step(0, true, flow);
    }
}
