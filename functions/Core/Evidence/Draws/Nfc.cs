namespace Notary.Evidence.Draws;

/// <summary>NFC (Unicode 17.0.0, UAX #15), by a table of its own: in the runtime's invariant mode <c>string.Normalize</c> returns what it was given.</summary>
internal static class Nfc
{
    // Hangul syllables are arithmetic (The Unicode Standard, 3.12).
    private const int SBase = 0xac00, LBase = 0x1100, VBase = 0x1161, TBase = 0x11a7, LCount = 19, VCount = 21, TCount = 28;
    private const int SCount = LCount * VCount * TCount;

    private static readonly Tables Table = Tables.Read();

    /// <summary>True when text made of such code points alone is its own normal form, whatever their order.</summary>
    public static bool IsPlain(int point)
        => point is < 0x300 or (>= 0x3400 and < 0xa000) or (>= 0xe000 and < 0xf900) or (>= 0x20000 and < 0x2f800);

    /// <summary>The normal form, written over <paramref name="points"/>.</summary>
    public static void Compose(List<int> points)
    {
        var whole = new List<int>(points.Count + 8);
        foreach (var point in points)
            Decompose(point, whole);

        Order(whole);
        points.Clear();
        Join(whole, points);
    }

    private static void Decompose(int point, List<int> into)
    {
        var s = point - SBase;
        if (s is >= 0 and < SCount)
        {
            into.Add(LBase + (s / (VCount * TCount)));
            into.Add(VBase + (s % (VCount * TCount) / TCount));
            if (s % TCount != 0)
                into.Add(TBase + (s % TCount));
        }
        else if (Table.Parts.TryGetValue(point, out var parts))
        {
            foreach (var part in parts)
                Decompose(part, into);
        }
        else
        {
            into.Add(point);
        }
    }

    /// <summary>Marks after a starter by their classes, equal ones as they stand.</summary>
    private static void Order(List<int> points)
    {
        for (var i = 1; i < points.Count; i++)
        {
            var (point, order) = (points[i], Table.Class(points[i]));
            var at = i;
            for (; order > 0 && at > 0 && Table.Class(points[at - 1]) > order; at--)
                points[at] = points[at - 1];

            points[at] = point;
        }
    }

    private static void Join(List<int> from, List<int> into)
    {
        var (starter, last) = (-1, 0);
        foreach (var point in from)
        {
            var order = Table.Class(point);

            // Blocked is a mark behind another of the same or a higher class, and a starter behind any mark.
            var free = starter >= 0 && (starter == into.Count - 1 || (last < order && last > 0));
            if (free && Pair(into[starter], point) is >= 0 and var joined)
            {
                into[starter] = joined;
                continue;
            }

            if (order == 0)
                starter = into.Count;

            last = order;
            into.Add(point);
        }
    }

    private static int Pair(int first, int second)
    {
        var (l, v, t) = (first - LBase, second - VBase, second - TBase);
        if (l is >= 0 and < LCount && v is >= 0 and < VCount)
            return SBase + (((l * VCount) + v) * TCount);

        if (first - SBase is >= 0 and < SCount && (first - SBase) % TCount == 0 && t is > 0 and < TCount)
            return first + t;

        return Table.Pairs.GetValueOrDefault((first, second), -1);
    }

    /// <param name="Parts">One step of a decomposition.</param>
    /// <param name="Pairs">What two compose to.</param>
    /// <param name="Classes">Combining classes, by their order; absent is a starter.</param>
    private sealed record Tables(Dictionary<int, int[]> Parts, Dictionary<(int, int), int> Pairs, Dictionary<int, int> Classes)
    {
        public int Class(int point) => point < 0x300 ? 0 : Classes.GetValueOrDefault(point);

        /// <summary>As scripts/normalisation-tables.mjs wrote them.</summary>
        public static Tables Read()
        {
            using var text = new StreamReader(typeof(Nfc).Assembly.GetManifestResourceStream("nfc.txt")!);
            var tables = new Tables([], [], []);
            text.ReadLine();
            for (var order = 1; text.ReadLine() is { } line;)
            {
                var at = line.AsSpan().IndexOfAny('=', '>', ':');
                var points = line[(at + 1)..].Split(' ').Select(Point).ToArray();
                if (line[at] == ':')
                {
                    foreach (var mark in points)
                        tables.Classes[mark] = order;

                    order++;
                    continue;
                }

                tables.Parts[Point(line[..at])] = points;
                if (line[at] == '=')
                    tables.Pairs[(points[0], points[1])] = Point(line[..at]);
            }

            return tables;
        }

        private static int Point(string hex) => int.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
