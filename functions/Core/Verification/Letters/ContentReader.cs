namespace Notary.Verification.Letters;

/// <summary>Goes through a content stream operator by operator, keeping of the operands what a reader of text needs: the last of each kind.</summary>
internal ref struct ContentReader(ReadOnlySpan<byte> content)
{
    private static readonly SearchValues<byte> Ends = SearchValues.Create(" \n/<>[]()"u8);

    // What a letter's page uses; a string is made of none but these.
    private static readonly string[] Operators =
    [
        "Tj", "Tf", "Tm", "Tr", "Tc", "BT", "ET", "BDC", "BMC", "EMC", "rg", "RG", "w", "re", "m", "l", "S", "f", "q", "Q", "cm", "Do",
    ];

    private readonly ReadOnlySpan<byte> content = content;
    private ReadOnlySpan<byte> number;
    private ReadOnlySpan<byte> name;
    private int at;

    /// <summary>Digits of the last hexadecimal string.</summary>
    public ReadOnlySpan<byte> Hex { get; private set; }

    /// <summary>Number of the marked content, when the last dictionary gave one.</summary>
    public int? Marked { get; private set; }

    public readonly string Number => Encoding.ASCII.GetString(number);

    public readonly string Name => Encoding.ASCII.GetString(name);

    /// <summary>Reads up to the next operator; false at the end.</summary>
    public bool Next(out string operation)
    {
        (operation, Marked) = ("", null);
        Hex = number = name = default;
        while (true)
        {
            while (at < content.Length && content[at] is (byte)' ' or (byte)'\n')
                at++;

            if (at == content.Length)
                return false;

            switch (content[at])
            {
                case (byte)'<' when content[at..].StartsWith("<<"u8):
                    Properties();
                    break;
                case (byte)'<':
                    Hex = Until(at + 1, ">"u8);
                    break;
                case (byte)'/':
                    name = Word(at + 1);
                    break;
                case >= (byte)'0' and <= (byte)'9' or (byte)'-' or (byte)'.':
                    number = Word(at);
                    break;
                default:
                    var word = Word(at);
                    foreach (var known in Operators)
                    {
                        if (Ascii.Equals(word, known))
                        {
                            operation = known;
                            return true;
                        }
                    }

                    throw Strange();
            }
        }
    }

    /// <summary>The properties that letters have: a number of marked content, the type of an artifact, or actual text, which is not what shows.</summary>
    private void Properties()
    {
        at += 2;
        if (content[at..].StartsWith("/MCID "u8))
        {
            var digits = Until(at + 6, ">>"u8);
            Marked = System.Buffers.Text.Utf8Parser.TryParse(digits, out int value, out var used) && used == digits.Length && value >= 0
                ? value : throw Strange();
            return;
        }

        if (content[at..].StartsWith("/ActualText <"u8))
            Until(at + 13, ">"u8);
        else if (content[at..].StartsWith("/Type /Pagination"u8))
            at += 17;

        if (!content[at..].StartsWith(">>"u8))
            throw Strange();

        at += 2;
    }

    private ReadOnlySpan<byte> Until(int from, ReadOnlySpan<byte> end)
    {
        var length = content[from..].IndexOf(end);
        if (length < 0)
            throw PdfObjects.Bad("a page ends inside a string");

        at = from + length + end.Length;
        return content.Slice(from, length);
    }

    private ReadOnlySpan<byte> Word(int from)
    {
        var length = content[from..].IndexOfAny(Ends);
        at = length < 0 ? content.Length : from + length;
        return content[from..at];
    }

    private static FaultException Strange() => PdfObjects.Bad("a page draws as no letter's page does");
}
