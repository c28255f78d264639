namespace Notary.Verification.Letters;

/// <summary>
/// Compares what a letter's pages show with its facts: every fact that letters print must be there, the rows of a table in their order, and no
/// digest, number, identifier or time may be there that is none of the facts'. What a font draws for a character is not judged, nor are pictures.
/// </summary>
internal sealed class PageCheck
{
    /// <summary>Hexadecimal digits from which on a number is no chance: half a digest.</summary>
    private const int LongRun = 32;

    /// <summary>Steps of the search for texts with framed characters: a text of one letter in a text of the same letter would take for ever.</summary>
    private const int MaxSteps = 20_000_000;

    private const string Clock = "yyyy-MM-ddHH:mm:ss";

    private static readonly TimeSpan Beijing = TimeSpan.FromHours(8);
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    private readonly LetterFacts facts;
    private readonly string text;
    private int steps;

    private PageCheck(LetterFacts facts, string text) => (this.facts, this.text) = (facts, text);

    /// <summary>What the letter of a test deposit has across each page, without white space, and no other letter has.</summary>
    private const string TestMark = "测试TEST";

    /// <summary>What differs, in words; null when pages and facts agree.</summary>
    /// <param name="facts">What the letter states.</param>
    /// <param name="text">What its pages and seal show.</param>
    /// <param name="beside">Of each page, what is marked as an artifact, piece by piece.</param>
    public static string? Differing(LetterFacts facts, string text, IReadOnlyList<IReadOnlyList<string>> beside)
    {
        if (!beside.All(page => page.Contains(TestMark, StringComparer.Ordinal) == facts.Test))
            return facts.Test ? "a page does not show that this is a test" : "a page shows that this is a test";

        var check = new PageCheck(facts, text);
        return check.Missing() is { } missing ? $"{missing} is not on the pages as the facts have it" : check.Stranger();
    }

    private string? Missing()
    {
        (string What, string Value)[] texts =
        [
            ("the number", facts.Number), ("the office", facts.Office.Chinese), ("the office", facts.Office.English), ("the depositor", facts.Depositor),
            ("the depositor's name", facts.DepositorName), ("the deposit and its kind", $"{facts.Id}·{Kind(facts.Kind)}"),
            ("the manifest digest", facts.ManifestDigest.ToString()),
            ("the log", facts.LogOrigin), ("the root", facts.CheckpointRoot.ToString()), ("the contract", facts.Contract),
            ("the transaction", facts.Transaction), ("the block", facts.BlockHash), ("the address for verification", facts.VerifyUrl.OriginalString),
        ];
        foreach (var (what, value) in texts.Concat(Named()))
        {
            if (Find(value, 0) < 0)
                return what;
        }

        foreach (var (what, value) in (ReadOnlySpan<(string, long)>)
            [("the index", facts.LogIndex), ("the size", facts.CheckpointSize), ("the chain", facts.ChainId), ("the block", facts.Block)])
        {
            if (FindNumber(value.ToString(CultureInfo.InvariantCulture), 0) < 0)
                return what;
        }

        foreach (var (what, time) in (ReadOnlySpan<(string, DateTimeOffset)>)
            [("the time of receipt", facts.ReceivedAt), ("the block's time", facts.BlockTime)])
        {
            if (FindTime(time, 0) < 0)
                return what;
        }

        // Printed to the second.
        return Find(At(facts.IssuedAt.ToOffset(Beijing)), 0) < 0 ? "the time of issue" : MissingRow();
    }

    /// <summary>Who stands behind the letter, since version 2.</summary>
    private IEnumerable<(string What, string Value)> Named()
    {
        if (facts.Parties is not { } parties)
            return [];

        return [("the office's address", parties.Address), ("the platform's operator", parties.Operator), ("the chain's name", parties.ChainName),
            ("the chain's operator", parties.ChainOperator), .. facts.Times.SelectMany(t => ((string, string)[])[("an authority's name", t.By!.LegalName),
                ("an authority's policy", t.By.Policy), ("an authority's certificate", t.By.Certificate.ToString())])];
    }

    /// <summary>Rows in their order: where one's last part ends, the next begins.</summary>
    private string? MissingRow()
    {
        var from = 0;
        foreach (var item in facts.Items)
        {
            var name = Find(item.Name, from);
            string[] others = [item.MediaType, .. item.Digests.Values];
            var size = item.Size is { } bytes ? FindNumber(bytes.ToString("#,0", CultureInfo.InvariantCulture), name < 0 ? from : name) : name;
            var ends = others.Select(o => name < 0 ? -1 : Find(o, name)).Append(size).ToList();
            if (name < 0 || ends.Contains(-1))
                return "an item";

            from = ends.Max();
        }

        from = 0;
        foreach (var time in facts.Times)
        {
            var name = Find(time.Authority, from);
            var over = name < 0 ? -1 : Find(time.Over, name);
            var (stamped, serial) = name < 0 ? (-1, -1) : (FindTime(time.GenTime, name), Find(time.Serial, name));
            if (over < 0 || over > stamped || serial < 0)
                return "a time-stamp";

            from = Math.Max(stamped, serial);
        }

        from = 0;
        foreach (var (name, value) in facts.Notes.OrderBy(n => n.Key, StringComparer.Ordinal))
        {
            from = Find(name, from) is >= 0 and var named ? Find(value, named) : -1;
            if (from < 0)
                return "a note";
        }

        return null;
    }

    /// <summary>Something on the pages that looks like a fact and is none.</summary>
    private string? Stranger()
    {
        // Whatever a depositor wrote himself may hold any number. A name and its type stand in one cell.
        var free = string.Join('\n', ((string[])[facts.Number, facts.Depositor, facts.DepositorName, facts.VerifyUrl.OriginalString, facts.LogOrigin,
            facts.Office.Chinese, facts.Office.English, .. Named().Select(n => n.Value), .. facts.Items.Select(i => i.Name + i.MediaType),
            .. facts.Notes.Keys, .. facts.Notes.Values])
            .Select(v => Bare(Shown(v))));
        HashSet<string> numbers =
        [
            facts.ManifestDigest.ToString(), facts.CheckpointRoot.ToString(), Digits(facts.Contract), Digits(facts.Transaction), Digits(facts.BlockHash),
            .. facts.Times.Select(t => t.Serial), .. facts.Times.Select(t => t.By?.Certificate.ToString() ?? ""),
            .. facts.Items.SelectMany(i => i.Digests.Values),

            // The label SHA-512 or SM3 stands right before its digest, and its digits are digits.
            .. facts.Items.SelectMany(i => i.Digests).Select(d
                => string.Concat(d.Key.AsSpan(d.Key.AsSpan().LastIndexOfAnyExceptInRange('0', '9') + 1), d.Value)),
        ];
        HashSet<string> times = [.. facts.Times.Select(t => t.GenTime).Concat([facts.ReceivedAt, facts.BlockTime, facts.IssuedAt])
            .SelectMany(t => (string[])[At(t.ToUniversalTime()), At(t.ToOffset(Beijing))])];
        var id = facts.Id.ToString();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '-' && Like(i - 8, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx") is { } uuid && uuid != id && !Has(free, uuid))
                return "the pages show an identifier that the facts do not have";

            if (text[i] == ':' && Like(i - 12, "9999-99-9999:99:99") is { } time && !times.Contains(time) && !Has(free, time))
                return "the pages show a time that the facts do not have";
        }

        for (var rest = text.AsSpan(); rest.IndexOfAny(HexDigits) is >= 0 and var start;)
        {
            rest = rest[start..];
            var length = rest.IndexOfAnyExcept(HexDigits) is >= 0 and var end ? end : rest.Length;
            if (length >= LongRun && rest[..length].ToString() is var run && !numbers.Contains(run) && !Has(free, run))
                return "the pages show a digest or number that the facts do not have";

            rest = rest[length..];
        }

        return null;
    }

    /// <summary>The text at a place, if it is of this form: x is a hexadecimal digit, 9 a decimal one.</summary>
    private string? Like(int at, string form)
    {
        if (at < 0 || at + form.Length > text.Length)
            return null;

        for (var i = 0; i < form.Length; i++)
        {
            var c = text[at + i];
            if (!(form[i] switch { 'x' => char.IsAsciiHexDigit(c), '9' => char.IsAsciiDigit(c), var same => c == same }))
                return null;
        }

        return text.Substring(at, form.Length);
    }

    /// <summary>Where a text ends on the pages; below zero when it is not there.</summary>
    private int Find(string value, int from)
    {
        value = Shown(value);
        var bare = Bare(value);
        if (bare.Length == 0)
            return from;

        // The first place counts: a name of two letters and a framed one between them is in many a digest.
        var at = text.IndexOf(bare, from, StringComparison.Ordinal);
        var until = at < 0 ? text.Length : at;
        for (var i = from; i < until && steps < MaxSteps && (i > from || text.AsSpan(from, until - from).Contains("U+", StringComparison.Ordinal)); i++)
        {
            if (Framed(value, i) is >= 0 and var end)
                return end;
        }

        return at < 0 ? -1 : at + bare.Length;
    }

    /// <summary>Characters that the letter's font cannot draw, or would draw as nothing, are printed as U+ and their number in a frame.</summary>
    private int Framed(string value, int at)
    {
        Span<char> itself = stackalloc char[2];
        foreach (var rune in value.EnumerateRunes())
        {
            steps++;
            var rest = text.AsSpan(at);
            var length = rune.EncodeToUtf16(itself);
            var blank = Rune.IsWhiteSpace(rune);
            if (!blank && rest.StartsWith(itself[..length]))
                at += length;
            else if (rest.StartsWith("U+") && string.Create(CultureInfo.InvariantCulture, $"U+{rune.Value:X4}") is var frame && rest.StartsWith(frame))
                at += frame.Length;
            else if (!blank)
                return -1;
        }

        return at;
    }

    /// <summary>A number that stands for itself: no part of a longer one, of a time, a date, an identifier or an address.</summary>
    private int FindNumber(string digits, int from)
    {
        while (text.IndexOf(digits, from, StringComparison.Ordinal) is >= 0 and var at)
        {
            from = at + digits.Length;
            var (before, after) = (at == 0 ? '\n' : text[at - 1], from == text.Length ? '\n' : text[from]);
            if (!(char.IsAsciiDigit(before) || "=,.:-/".Contains(before, StringComparison.Ordinal))
                && !(char.IsAsciiHexDigit(after) || ",:-".Contains(after, StringComparison.Ordinal)))
                return from;
        }

        return -1;
    }

    /// <summary>A time by the office's clock, whole: with every digit of its fraction and no other.</summary>
    private int FindTime(DateTimeOffset time, int from)
    {
        var local = time.ToOffset(Beijing).ToString(Clock + ".FFFFFFF", CultureInfo.InvariantCulture);
        while (text.IndexOf(local, from, StringComparison.Ordinal) is >= 0 and var at)
        {
            from = at + local.Length;
            var next = text.AsSpan(from);
            var zeros = local.Contains('.', StringComparison.Ordinal) ? next : next.StartsWith(".") ? next[1..] : [];
            if (zeros.TrimStart('0') is not [>= '1' and <= '9', ..])
                return from;
        }

        return -1;
    }

    /// <summary>As the pages have it: version 1 showed texts as they are spelt.</summary>
    private string Shown(string value) => facts.Parties is null ? value : Composition.Compose(value);

    // As the pages call it, without the blank.
    private static string Kind(string kind) => kind switch
    {
        "file" => "文件File",
        "digest" => "摘要Digestonly",
        "forensics" => "远程取证Remoteforensics",
        "draw" => "摇号Draw",
        "contract" => "合同Contract",
        "batch" => "批量Batch",
        _ => kind,
    };

    private static bool Has(string free, string value) => free.Contains(value, StringComparison.Ordinal);

    private static string At(DateTimeOffset time) => time.ToString(Clock, CultureInfo.InvariantCulture);

    private static string Bare(string value) => value.Any(char.IsWhiteSpace) ? string.Concat(value.Where(c => !char.IsWhiteSpace(c))) : value;

    // A letter may state any text; what is no hexadecimal number is found when it is compared with the evidence.
    private static string Digits(string hex) => hex.StartsWith("0x", StringComparison.Ordinal) ? hex[2..] : hex;
}
