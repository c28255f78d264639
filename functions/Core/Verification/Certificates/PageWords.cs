using Notary.Verification.Letters;

namespace Notary.Verification.Certificates;

/// <summary>Compares what pages say with what they have to say, word by word.</summary>
internal static class PageWords
{
    /// <summary>The texts of the pages' elements, in their order; the running lines are not among them.</summary>
    public static IEnumerable<string> Expected(IEnumerable<CertificateBlock> body, IEnumerable<CertificatePassage> closing, IReadOnlyList<string> seal)
    {
        foreach (var block in body.Where(block => block.Picture is null))
        {
            if (block.Label is { } label)
                yield return label;

            yield return string.Concat(block.Passages.Select(p => p.Text));
        }

        foreach (var passage in closing)
            yield return passage.Text;

        // The office's name is set wide, and so is a text of its own.
        yield return seal[0];
        yield return string.Concat(seal.Skip(1));
    }

    /// <summary>What differs, in words; null when the pages say this and nothing else.</summary>
    /// <param name="texts">That there must be.</param>
    /// <param name="running">The lines of a page of so many: at its foot, left and right, and at its head.</param>
    /// <param name="lines">Texts of the pages' elements and of what lies outside them, without white space, in their order.</param>
    /// <param name="pages">How many.</param>
    public static string? Differing(
        IEnumerable<string> texts, Func<int, int, (string Left, string Right, string? Head)> running, IEnumerable<string> lines, int pages)
    {
        var (expected, page, told) = (new Queue<string>(texts), 1, 0);
        foreach (var line in lines.Where(line => line.Length > 0))
        {
            // A page's own line comes after all that begins on it.
            var (left, right, head) = running(page, pages);
            if (expected.TryPeek(out var next) && Shows(line, next))
            {
                expected.Dequeue();
                told++;
            }
            else if (page <= pages && Shows(line, left + right + head))
            {
                page++;
            }
            else
            {
                return next is null ? "there is more than there should be" : $"something else stands where text {told + 1} should be";
            }
        }

        return expected.Count > 0 ? $"text {told + 1} is missing" : page <= pages ? "a page has no number" : null;
    }

    /// <summary>Whether a line shows that text: composed, without white space, and what no font draws as U+ and its number.</summary>
    private static bool Shows(string line, string text)
    {
        Span<char> itself = stackalloc char[2];
        var rest = line.AsSpan();
        foreach (var rune in Composition.Compose(text).EnumerateRunes())
        {
            var length = rune.EncodeToUtf16(itself);
            if (rest.StartsWith(itself[..length]))
                rest = rest[length..];
            else if (string.Create(CultureInfo.InvariantCulture, $"U+{rune.Value:X4}") is var frame && rest.StartsWith(frame))
                rest = rest[frame.Length..];
            else if (!Rune.IsWhiteSpace(rune))
                return false;
        }

        return rest.IsEmpty;
    }
}
