using System.Buffers.Text;

namespace Notary.Evidence.Forensics;

/// <summary>A line of a segment's list of frames.</summary>
/// <param name="Index">From 0, through all segments.</param>
/// <param name="Time">Microseconds since the session's first frame.</param>
/// <param name="Size">Bytes of the sample.</param>
/// <param name="Digest">Of them.</param>
public readonly record struct FrameLine(long Index, long Time, int Size, Digest Digest)
{
    /// <summary>The line with its LF.</summary>
    public byte[] ToBytes() => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Index} {Time} {Size} {Digest}\n"));

    /// <summary>Reads the first line and takes it away, in its one spelling: no leading zeros, one space, LF.</summary>
    public static bool TryTake(ref ReadOnlySpan<byte> lines, out FrameLine frame)
    {
        frame = default;
        var line = lines;
        Span<byte> digest = stackalloc byte[Digest.Size];
        if (!TryNumber(ref line, out var index) || !TryNumber(ref line, out var time) || !TryNumber(ref line, out var size) || size > int.MaxValue
            || line.Length <= Digest.Size * 2 || line[Digest.Size * 2] != '\n' || line[..(Digest.Size * 2)].ContainsAnyInRange((byte)'A', (byte)'F')
            || Convert.FromHexString(line[..(Digest.Size * 2)], digest, out _, out _) != OperationStatus.Done)
        {
            return false;
        }

        frame = new FrameLine(index, time, (int)size, new Digest(digest));
        lines = line[((Digest.Size * 2) + 1)..];
        return true;
    }

    private static bool TryNumber(ref ReadOnlySpan<byte> line, out long number)
    {
        if (!Utf8Parser.TryParse(line, out number, out var used) || number < 0 || used == line.Length || line[used] != ' '
            || !(line[0] is >= (byte)'1' and <= (byte)'9' || (line[0] == '0' && used == 1)))
        {
            return false;
        }

        line = line[(used + 1)..];
        return true;
    }
}
