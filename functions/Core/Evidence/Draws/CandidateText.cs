namespace Notary.Evidence.Draws;

/// <summary>Which field a text is; each has its own rule (docs/draw-format.md §1).</summary>
public enum CandidateField
{
    Id,
    Name,
    Group,
}

/// <summary>Normalising a candidate's texts, and what is refused in them.</summary>
public static class CandidateText
{
    /// <summary>Bytes of an id, a name, a group.</summary>
    public const int MaxId = 64, MaxName = 200, MaxGroup = 32;

    /// <summary>Bytes of a masked name: a first code point and three stars.</summary>
    public const int MaxMasked = 7;

    /// <summary>Texts up to so many bytes need no memory of their own: nearly all.</summary>
    private const int OnStack = 256;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text as the list has it from there on, or null when it is refused.</summary>
    public static string? Normal(CandidateField field, string text)
    {
        try
        {
            var (raw, normal) = (Strict.GetBytes(text), new byte[MaxName]);
            return Normalise(field, raw, normal, out var length) is null ? Encoding.UTF8.GetString(normal.AsSpan(0, length)) : null;
        }
        catch (EncoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>Writes the normal form.</summary>
    /// <param name="field">Which rule.</param>
    /// <param name="raw">UTF-8, or what claims to be.</param>
    /// <param name="into">Room for <see cref="MaxName"/> bytes.</param>
    /// <param name="length">Bytes written.</param>
    /// <returns>Null, or the code of what is wrong.</returns>
    internal static string? Normalise(CandidateField field, ReadOnlySpan<byte> raw, Span<byte> into, out int length)
    {
        length = 0;
        if (!raw.ContainsAnyExceptInRange((byte)0x20, (byte)0x7e))
        {
            raw = raw.Trim((byte)' ');
            if (raw.Length > Most(field))
                return Codes.Long(field);

            if (field == CandidateField.Id ? raw.Contains((byte)' ') : field == CandidateField.Group && raw.ContainsAny((byte)'"', (byte)','))
                return Codes.Character(field);

            raw.CopyTo(into);
            length = raw.Length;
            return length == 0 && field == CandidateField.Id ? Codes.IdEmpty : null;
        }

        var rented = raw.Length > OnStack ? ArrayPool<int>.Shared.Rent(raw.Length) : null;
        try
        {
            return Wide(field, raw, rented ?? stackalloc int[OnStack], into, out length);
        }
        finally
        {
            if (rented is not null)
                ArrayPool<int>.Shared.Return(rented);
        }
    }

    private static string? Wide(CandidateField field, ReadOnlySpan<byte> raw, Span<int> points, Span<byte> into, out int length)
    {
        (length, var count, var plain) = (0, 0, true);
        while (!raw.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(raw, out var rune, out var read) != OperationStatus.Done)
                return Codes.Encoding;

            points[count++] = rune.Value;
            plain &= Nfc.IsPlain(rune.Value);
            raw = raw[read..];
        }

        points = points[..count];
        if (!plain)
        {
            var list = new List<int>(count);
            list.AddRange(points);
            Nfc.Compose(list);
            points = list.ToArray();
        }

        while (points is [var first, ..] && IsBlank(first))
            points = points[1..];

        while (points is [.., var last] && IsBlank(last))
            points = points[..^1];

        foreach (var point in points)
        {
            if (IsRefused(field, point))
                return point == Rune.ReplacementChar.Value ? Codes.Encoding : Codes.Character(field);
        }

        foreach (var point in points)
        {
            var rune = new Rune(point);
            if (length + rune.Utf8SequenceLength > Most(field))
                return Codes.Long(field);

            length += rune.EncodeToUtf8(into[length..]);
        }

        return length == 0 && field == CandidateField.Id ? Codes.IdEmpty : null;
    }

    /// <summary>A name as strangers see it, at most <see cref="MaxMasked"/> bytes, the first in the lowest eight bits.</summary>
    /// <param name="name">A normalised name.</param>
    internal static ulong Mask(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty)
            return 0;

        Rune.DecodeFromUtf8(name, out var first, out var read);
        var rest = 0;
        foreach (var b in name[read..])
            rest += (b & 0xc0) == 0x80 ? 0 : 1;

        Span<byte> masked = stackalloc byte[sizeof(ulong)];
        var hidden = rest == 0 || (first.IsAscii && !char.IsAsciiLetterOrDigit((char)first.Value));
        var length = (hidden ? new Rune('*') : first).EncodeToUtf8(masked);
        masked.Slice(length, Math.Min(rest, 3)).Fill((byte)'*');
        return BinaryPrimitives.ReadUInt64LittleEndian(masked);
    }

    private static int Most(CandidateField field) => field switch
    {
        CandidateField.Id => MaxId,
        CandidateField.Name => MaxName,
        _ => MaxGroup,
    };

    private static bool IsBlank(int point) => point is 0x09 or 0x20 or 0xa0 or 0x1680 or (>= 0x2000 and <= 0x200a) or 0x202f or 0x205f or 0x3000;

    private static bool IsRefused(CandidateField field, int point)
        => point is < 0x20 or (>= 0x7f and <= 0x9f) or 0xad or 0x34f or 0x61c or 0x180e or 0x200b or 0x200e or 0x200f or (>= 0x2028 and <= 0x202e)
            or (>= 0x2060 and <= 0x206f) or (>= 0xfdd0 and <= 0xfdef) or 0xfeff or (>= 0xfff9 and <= 0xffff) or (>= 0xe0000 and <= 0xe007f)
        || (point & 0xfffe) == 0xfffe
        || field switch
        {
            CandidateField.Id => IsBlank(point) || point is 0x200c or 0x200d or (>= 0xff00 and <= 0xffef),
            CandidateField.Group => point is '"' or ',',
            _ => false,
        };
}
