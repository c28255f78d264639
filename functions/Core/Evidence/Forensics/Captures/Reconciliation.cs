namespace Notary.Evidence.Forensics.Captures;

/// <summary>How the three views of a page agree.</summary>
public enum CaptureVerdict
{
    /// <summary>All that is seen stands in the DOM and came over the wire, and the second fetch got the same document.</summary>
    Agrees,

    /// <summary>Something does not: the list says what.</summary>
    Differs,

    /// <summary>Nothing contradicts, but something could not be compared.</summary>
    Unknown,
}

/// <summary>What two views do not have in common.</summary>
public enum DifferenceKind
{
    /// <summary>Seen, and not in the DOM.</summary>
    NotInDom,

    /// <summary>Seen, and neither it nor its pieces came over the wire.</summary>
    Nowhere,

    /// <summary>Seen; a script may have put it together from pieces that came over the wire.</summary>
    Pieces,

    /// <summary>Stands in a form's control and did not come over the wire: somebody typed it, or a script did.</summary>
    Typed,

    /// <summary>Came in the page's document and is not in the DOM any more.</summary>
    Gone,

    /// <summary>Seen and in the page's document, and not in the second fetch's.</summary>
    NotInSecond,

    /// <summary>In the second fetch's document, and not in that of the page.</summary>
    OnlyInSecond,

    /// <summary>The page's document itself is not in the archive.</summary>
    NoWire,
}

/// <summary>One difference.</summary>
/// <param name="Text">Its first code points, folded.</param>
public sealed record Difference(DifferenceKind Kind, string Text);

/// <summary>The comparison of what is seen, the DOM and the wire (docs/forensics-format.md §10). Whoever has a capture's files makes it again.</summary>
/// <param name="Texts">Seen and not empty.</param>
/// <param name="Served">Of these, in a document, or a style sheet, that came over the wire.</param>
/// <param name="Scripted">In a script or in data: made by a script.</param>
/// <param name="Differences">The first of them, each once.</param>
/// <param name="More">How many others.</param>
public sealed record Reconciliation(
    int Texts, int Served, int Scripted, IReadOnlyList<Difference> Differences, int More, CaptureVerdict Verdict)
{
    private static readonly DifferenceKind[] Contradictions =
        [DifferenceKind.NotInDom, DifferenceKind.Nowhere, DifferenceKind.NotInSecond, DifferenceKind.OnlyInSecond];

    /// <param name="seen">What is painted.</param>
    /// <param name="dom">The DOM as HTML.</param>
    /// <param name="wire">All responses.</param>
    /// <param name="main">The address of the page's document among them; null when it is not.</param>
    /// <param name="second">The second fetch's document; null when there is none.</param>
    public static Reconciliation Make(
        IReadOnlyList<SeenText> seen, string dom, IReadOnlyList<WarcResponse> wire, string? main, WarcResponse? second)
    {
        var (views, found) = (new WireViews(wire, main), new List<Difference>());
        var (domText, other) = (Markup.Read(dom).Text, second is null ? null : Markup.Read(Captures.Texts.Decode(second.Body.Span)));
        var (texts, served, scripted) = (0, 0, 0);
        if (views.Main is null)
            found.Add(new(DifferenceKind.NoWire, ""));

        foreach (var (origin, written) in seen)
        {
            if (Captures.Texts.Fold(written) is not { Length: > 0 } text)
                continue;

            texts++;
            if (origin == SeenOrigin.Text && !Captures.Texts.Stand(text, domText))
                found.Add(new(DifferenceKind.NotInDom, text));

            if (views.Serves(text, origin))
            {
                served++;
                if (origin == SeenOrigin.Text && other is not null && views.InMain(text) && !Captures.Texts.Stand(text, other.Text))
                    found.Add(new(DifferenceKind.NotInSecond, text));
            }
            else if (views.Scripts(text, origin))
            {
                scripted++;
            }
            else if (origin == SeenOrigin.Field)
            {
                found.Add(new(DifferenceKind.Typed, text));
            }
            else if (views.Main is not null)
            {
                found.Add(new(origin == SeenOrigin.Text && views.HasPieces(text) ? DifferenceKind.Pieces : DifferenceKind.Nowhere, text));
            }
        }

        foreach (var text in Some(views.Main))
        {
            if (!Captures.Texts.Stand(text, domText))
                found.Add(new(DifferenceKind.Gone, text));
        }

        if (other is not null && views.Main is { } document)
        {
            foreach (var text in Some(other).Where(t => !Captures.Texts.Stand(t, document.Text)))
                found.Add(new(DifferenceKind.OnlyInSecond, text));
        }

        var all = found.Select(d => d with { Text = Captures.Texts.Quote(d.Text) }).Distinct().ToList();
        var verdict = all.Any(d => Contradictions.Contains(d.Kind)) ? CaptureVerdict.Differs
            : all.Count > 0 || second is null ? CaptureVerdict.Unknown : CaptureVerdict.Agrees;
        return new(texts, served, scripted, [.. all.Take(CaptureFormat.MaxListed)], Math.Max(0, all.Count - CaptureFormat.MaxListed), verdict);
    }

    // As many of a document as of what is seen: whoever writes the document decides how many there are.
    private static IEnumerable<string> Some(Markup? document) => (document?.Texts ?? []).Distinct(StringComparer.Ordinal).Take(CaptureFormat.MaxTexts);
}
