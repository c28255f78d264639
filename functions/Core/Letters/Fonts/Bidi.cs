namespace Notary.Letters.Fonts;

/// <summary>
/// The order in which a line of mixed directions is read: Unicode's bidirectional algorithm (UAX #9) for one line without explicit controls, which
/// letters show as boxes (X rules). The paragraph's direction is from left to right whatever stands first in it (in place of P2, P3): a name on a
/// letter is a word in a Chinese sentence.
/// </summary>
internal static partial class Bidi
{
    private enum Kind : byte { L, R, AL, EN, ES, ET, AN, CS, NSM, ON }

    /// <summary>BD16: what is nested deeper is no pair.</summary>
    private const int MaxNesting = 63;

    private static readonly Lazy<(int First, int Last, Kind Kind)[]> Known = new(() => [.. Classes.SelectMany(c => c.Ranges.Split(' ').Select(r
        => (Hex(r.Split('-')[0]), Hex(r.Split('-')[^1]), c.Kind)))]);

    /// <summary>The embedding level of every character: even levels read from left to right, odd ones from right to left.</summary>
    /// <param name="points">Characters of a text in its order.</param>
    /// <param name="framed">Which are shown as boxes: they take the side of their neighbours.</param>
    public static byte[] Levels(ReadOnlySpan<int> points, ReadOnlySpan<bool> framed)
    {
        var kinds = new Kind[points.Length];
        for (var i = 0; i < kinds.Length; i++)
            kinds[i] = framed[i] ? Kind.ON : Of(points[i]);

        var was = (Kind[])kinds.Clone();
        Weak(kinds);
        Pairs(points, was, kinds);
        Neutral(kinds);
        return Array.ConvertAll(kinds, k => k switch { Kind.R => (byte)1, Kind.AN or Kind.EN => (byte)2, _ => (byte)0 }); // I1
    }

    /// <summary>Places of a line's characters from left to right (L2).</summary>
    public static int[] Order(ReadOnlySpan<byte> levels)
    {
        var order = new int[levels.Length];
        byte highest = 0;
        for (var i = 0; i < order.Length; i++)
            (order[i], highest) = (i, Math.Max(highest, levels[i]));

        for (var level = highest; level > 0; level--)
        {
            for (var i = 0; i < order.Length; i++)
            {
                var start = i;
                while (i < order.Length && levels[order[i]] >= level)
                    i++;

                Array.Reverse(order, start, i - start);
            }
        }

        return order;
    }

    /// <summary>What is drawn for a character that is read from right to left (L4): brackets open to the other side.</summary>
    public static int Mirror(int point)
    {
        var at = point < 0x10000 ? Mirrored.IndexOf((char)point, StringComparison.Ordinal) : -1;
        return at < 0 ? point : Mirrored[at ^ 1];
    }

    private static Kind Of(int point)
    {
        var category = CharUnicodeInfo.GetUnicodeCategory(point);

        // What is drawn of these belongs to the character before it.
        if (category is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format)
            return Kind.NSM;

        foreach (var (first, last, kind) in Known.Value)
        {
            if (point >= first && point <= last)
                return kind;
        }

        return category is >= UnicodeCategory.SpaceSeparator and <= UnicodeCategory.ParagraphSeparator
            or >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherSymbol ? Kind.ON : Kind.L;
    }

    private static void Weak(Kind[] kinds)
    {
        var strong = Kind.L;
        for (var i = 0; i < kinds.Length; i++)
        {
            if (kinds[i] == Kind.NSM)
                kinds[i] = i == 0 ? Kind.L : kinds[i - 1]; // W1
            else if (kinds[i] == Kind.EN && strong == Kind.AL)
                kinds[i] = Kind.AN; // W2

            strong = kinds[i] is Kind.L or Kind.R or Kind.AL ? kinds[i] : strong;
        }

        for (var i = 0; i < kinds.Length; i++)
        {
            if (kinds[i] == Kind.AL)
                kinds[i] = Kind.R; // W3
            else if (i > 0 && i + 1 < kinds.Length && kinds[i - 1] == kinds[i + 1]
                && ((kinds[i] is Kind.ES or Kind.CS && kinds[i - 1] == Kind.EN) || (kinds[i] == Kind.CS && kinds[i - 1] == Kind.AN)))
                kinds[i] = kinds[i - 1]; // W4
        }

        for (var i = 0; i < kinds.Length; i++)
        {
            var start = i;
            while (i < kinds.Length && kinds[i] == Kind.ET)
                i++;

            if (i > start && ((start > 0 && kinds[start - 1] == Kind.EN) || (i < kinds.Length && kinds[i] == Kind.EN)))
                kinds.AsSpan(start, i - start).Fill(Kind.EN); // W5
        }

        strong = Kind.L;
        for (var i = 0; i < kinds.Length; i++)
        {
            kinds[i] = kinds[i] switch
            {
                Kind.ES or Kind.ET or Kind.CS => Kind.ON, // W6
                Kind.EN when strong == Kind.L => Kind.L, // W7
                var kind => kind,
            };
            strong = kinds[i] is Kind.L or Kind.R ? kinds[i] : strong;
        }
    }

    /// <summary>N0: both brackets of a pair take one side.</summary>
    private static void Pairs(ReadOnlySpan<int> points, Kind[] was, Kind[] kinds)
    {
        foreach (var (open, close) in Brackets(points, kinds).Order())
        {
            var inside = kinds[(open + 1)..close];
            if (inside.Contains(Kind.L))
                Set(open, close, Kind.L); // b
            else if (Array.Exists(inside, k => Side(k) == Kind.R))
                Set(open, close, Side(Array.FindLast(kinds[..open], k => Side(k) != Kind.ON))); // c; the start of the text is L, as the default is
        }

        void Set(int open, int close, Kind kind)
        {
            foreach (var at in (ReadOnlySpan<int>)[open, close])
            {
                kinds[at] = kind;
                for (var i = at + 1; i < kinds.Length && was[i] == Kind.NSM; i++)
                    kinds[i] = kind;
            }
        }
    }

    private static List<(int Open, int Close)> Brackets(ReadOnlySpan<int> points, Kind[] kinds)
    {
        var (pairs, open) = (new List<(int, int)>(), new List<(int Closing, int At)>());
        for (var i = 0; i < kinds.Length; i++)
        {
            var at = kinds[i] == Kind.ON && points[i] < 0x10000 ? Mirrored.AsSpan(0, PairedLength).IndexOf((char)points[i]) : -1;
            if (at >= 0 && at % 2 == 0)
            {
                if (open.Count == MaxNesting)
                    return [];

                open.Add((Mirrored[at + 1], i));
            }
            else if (at >= 0 && open.FindLastIndex(o => o.Closing == Mirrored[at]) is >= 0 and var found)
            {
                pairs.Add((open[found].At, i));
                open.RemoveRange(found, open.Count - found);
            }
        }

        return pairs;
    }

    /// <summary>N1 and N2: what stands between two of one side is theirs, else the paragraph's.</summary>
    private static void Neutral(Kind[] kinds)
    {
        for (var i = 0; i < kinds.Length; i++)
        {
            var start = i;
            while (i < kinds.Length && kinds[i] == Kind.ON)
                i++;

            if (i == start)
                continue;

            var (before, after) = (start == 0 ? Kind.L : Side(kinds[start - 1]), i == kinds.Length ? Kind.L : Side(kinds[i]));
            kinds.AsSpan(start, i - start).Fill(before == after ? before : Kind.L);
        }
    }

    // Numbers are of the right-to-left side where sides count (N0, N1).
    private static Kind Side(Kind kind) => kind is Kind.AN or Kind.EN ? Kind.R : kind;

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
