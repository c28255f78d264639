namespace Notary.Verification.Letters;

/// <summary>A reference to an indirect object.</summary>
internal readonly record struct PdfReference(int Number);

/// <summary>A name, without its slash.</summary>
internal readonly record struct PdfName(string Value);

/// <summary>A string as it stands in the file, delimiters included.</summary>
internal readonly record struct PdfString(int Start, int End);

/// <summary>A stream's dictionary and where its data begins.</summary>
internal sealed record PdfStream(Dictionary<string, object?> Dictionary, int Start);

/// <summary>
/// Reads PDF objects (ISO 32000-1 §7.3) out of a file of one revision with a cross-reference table, which is what letters
/// are, or the first of theirs is. Whatever else a PDF may be is refused; nothing is repaired, since viewers differ in how they repair.
/// </summary>
internal sealed class PdfObjects
{
    // The deepest object read (the catalog's name tree) has four levels; more is an attack on the stack.
    private const int MaxDepth = 12;

    private const int EntryLength = 20;

    private static readonly UTF8Encoding Names = new(false, throwOnInvalidBytes: true);

    private static readonly SearchValues<byte> NameEnd = SearchValues.Create(" \n/<>[]()"u8);

    private readonly ReadOnlyMemory<byte> file;
    private readonly int table;
    private readonly int count;
    private readonly int trailer;
    private int at;

    public PdfObjects(ReadOnlyMemory<byte> file)
    {
        this.file = file;
        Require(Span.StartsWith("%PDF-1.7\n"u8), "it does not begin as a letter does");

        // Nothing may follow the one end mark: appended revisions can change what is shown.
        Require(Span.EndsWith("\n%%EOF\n"u8), "it does not end with its end mark");
        var tail = Span[..^7].LastIndexOf("\nstartxref\n"u8);
        Require(tail >= 0, "it has no startxref");
        at = tail + 11;
        var start = Integer();
        Require(at == Span.Length - 7 && start < tail, "its startxref is wrong");
        at = Start = (int)start;
        Expect("xref\n0 "u8);
        count = (int)Math.Min(Integer(), int.MaxValue);
        Expect("\n"u8);
        table = at;
        Require(count > 0 && count <= (Span.Length - table) / EntryLength, "its cross-reference table is cut");
        at = table + (count * EntryLength);
        Expect("trailer\n"u8);
        trailer = at;
        Trailer = Value(0) as Dictionary<string, object?> ?? throw Bad("it has no trailer");
        Require(at == tail, "its trailer is not its last part");
        Require(Trailer.Keys.All(k => k is "Size" or "Root" or "Info" or "ID"), "it has an earlier revision or is encrypted");
    }

    public Dictionary<string, object?> Trailer { get; }

    /// <summary>Objects in the table, the free one included: the number of the next.</summary>
    public int Count => count;

    /// <summary>Where the table is.</summary>
    public int Start { get; }

    private ReadOnlySpan<byte> Span => file.Span;

    /// <summary>The object a dictionary's entry refers to, of the type asked for.</summary>
    public T Follow<T>(Dictionary<string, object?> from, string key)
        => from.TryGetValue(key, out var value) ? Resolve<T>(value, key) : throw Bad($"/{key} is missing");

    /// <summary>A value, or the object it refers to, of the type asked for.</summary>
    public T Resolve<T>(object? value, string what)
    {
        if (value is PdfReference reference)
            value = Object(reference.Number);

        return value is T found ? found : throw Bad($"/{what} is not what a letter has there");
    }

    /// <summary>A stream's bytes as they stand in the file.</summary>
    public ReadOnlyMemory<byte> Data(PdfStream stream)
    {
        var length = Follow<long>(stream.Dictionary, "Length");
        Require(length >= 0 && length <= file.Length - stream.Start && Span[(stream.Start + (int)length)..].StartsWith("\nendstream\nendobj\n"u8),
            "a stream is cut");
        return file.Slice(stream.Start, (int)length);
    }

    /// <summary>The catalog's number, and its text as it stands in the file.</summary>
    public (int Number, string Text) Root()
    {
        var number = Trailer.TryGetValue("Root", out var root) && root is PdfReference reference ? reference.Number : throw Bad("it has no catalog");
        Begin(number);
        var start = at;
        Value(0);
        return (number, Encoding.Latin1.GetString(Span[start..at]));
    }

    /// <summary>The trailer's text after its /Size, which comes first.</summary>
    public string TrailerRest()
    {
        var text = Encoding.Latin1.GetString(Span[trailer..Span[..^7].LastIndexOf("\nstartxref\n"u8)]);
        var size = $"<< /Size {count}";
        Require(text.StartsWith(size + " /", StringComparison.Ordinal) && text.EndsWith(" >>", StringComparison.Ordinal),
            "its trailer is not that of a letter");
        return text[size.Length..];
    }

    private object? Object(int number)
    {
        Begin(number);
        var value = Value(0);
        if (value is Dictionary<string, object?> dictionary && Next("\nstream\n"u8))
            return new PdfStream(dictionary, at + 8);

        Expect("\nendobj\n"u8);
        return value;
    }

    private void Begin(int number)
    {
        Require(number > 0 && number < count, "a reference leads nowhere");
        at = table + (number * EntryLength);
        var offset = Integer();
        Expect(" 00000 n \n"u8);
        Require(offset < Span.Length, "an object is outside the file");
        at = (int)offset;
        Require(Integer() == number, "an object is not where the table says");
        Expect(" 0 obj\n"u8);
    }

    private object? Value(int depth)
    {
        Require(depth < MaxDepth, "its objects nest too deep");
        Space();
        Require(at < Span.Length, "it ends inside an object");
        switch (Span[at])
        {
            case (byte)'<' when Next("<<"u8):
                return Dictionary(depth);
            case (byte)'<':
                return Delimited(">"u8);
            case (byte)'(':
                return Literal();
            case (byte)'[':
                return Array(depth);
            case (byte)'/':
                return Name();
            case (byte)'t' when Next("true"u8):
                at += 4;
                return true;
            case (byte)'f' when Next("false"u8):
                at += 5;
                return false;
            case (byte)'n' when Next("null"u8):
                at += 4;
                return null;
            default:
                return Number();
        }
    }

    private Dictionary<string, object?> Dictionary(int depth)
    {
        var entries = new Dictionary<string, object?>(StringComparer.Ordinal);
        for (at += 2; ;)
        {
            Space();
            if (Next(">>"u8))
            {
                at += 2;
                return entries;
            }

            var key = Name().Value;

            // Viewers disagree on which of two equal keys counts.
            Require(entries.TryAdd(key, Value(depth + 1)), $"/{key} occurs twice");
        }
    }

    private List<object?> Array(int depth)
    {
        var items = new List<object?>();
        for (at++; ;)
        {
            Space();
            if (Next("]"u8))
            {
                at++;
                return items;
            }

            items.Add(Value(depth + 1));
        }
    }

    private PdfName Name()
    {
        Expect("/"u8);
        var length = Span[at..].IndexOfAny(NameEnd);
        Require(length > 0, "a name has no end");
        try
        {
            var name = Names.GetString(Span.Slice(at, length));
            at += length;
            return new PdfName(name);
        }
        catch (ArgumentException)
        {
            throw Bad("a name is not UTF-8");
        }
    }

    private PdfString Delimited(ReadOnlySpan<byte> end)
    {
        var start = at;
        var length = Span[at..].IndexOf(end);
        Require(length > 0, "a string has no end");
        at += length + 1;
        return new PdfString(start, at);
    }

    // Letters write literal strings of plain ASCII only: no escapes, no inner brackets.
    private PdfString Literal()
    {
        var text = Delimited(")"u8);
        Require(!Span[(text.Start + 1)..(text.End - 1)].ContainsAny("\\(\r\n"u8), "a string has escapes");
        return text;
    }

    private object Number()
    {
        var negative = Next("-"u8);
        at += negative ? 1 : 0;
        var whole = Integer();
        if (Next("."u8))
        {
            at++;
            var from = at;
            var part = Integer();
            return (negative ? -1 : 1) * (whole + (part / Math.Pow(10, at - from)));
        }

        // "12 0 R": two integers and a keyword make one value.
        if (!negative && Next(" 0 R"u8) && whole <= int.MaxValue)
        {
            at += 4;
            return new PdfReference((int)whole);
        }

        return negative ? -whole : whole;
    }

    private long Integer()
    {
        // Ten digits, as in the table: more cannot be an offset in a file of this size.
        const int maxDigits = 10;
        long value = 0;
        var from = at;
        while (at < Span.Length && at - from < maxDigits && char.IsAsciiDigit((char)Span[at]))
            value = (value * 10) + Span[at++] - '0';

        Require(at > from, "a number is missing");
        return value;
    }

    private void Space()
    {
        while (at < Span.Length && Span[at] is (byte)' ' or (byte)'\n')
            at++;
    }

    private bool Next(ReadOnlySpan<byte> expected) => Span[at..].StartsWith(expected);

    private void Expect(ReadOnlySpan<byte> expected)
    {
        Require(Next(expected), "its syntax is not that of a letter");
        at += expected.Length;
    }

    private static void Require(bool condition, string why)
    {
        if (!condition)
            throw Bad(why);
    }

    internal static FaultException Bad(string why) => new(Fault.Malformed, $"the PDF is not a letter: {why}");
}
