namespace Notary.Letters.Pdf;

/// <summary>One element of the logical structure (ISO 32000-1 §14.7), by which a screen reader finds its way.</summary>
internal sealed class StructNode(string type, StructNode? parent)
{
    private readonly List<Kid> kids = [];

    private readonly record struct Kid(StructNode? Node, int Page, int Marked, int Annotation);

    /// <summary>Language of the content where it is not the document's, such as <c>en</c>.</summary>
    public string? Language { get; init; }

    /// <summary>Words for what is drawn rather than written.</summary>
    public string? Alternative { get; init; }

    /// <summary><c>Row</c> or <c>Column</c>: what a table's header cell heads.</summary>
    public string? Scope { get; init; }

    /// <summary>How many columns a table's cell stands in.</summary>
    public int Columns { get; init; } = 1;

    public StructNode Add(string childType, string? language = null, string? alternative = null, string? scope = null, int columns = 1)
    {
        var child = new StructNode(childType, this) { Language = language, Alternative = alternative, Scope = scope, Columns = columns };
        kids.Add(new Kid(child, 0, 0, 0));
        return child;
    }

    /// <summary>Content: marked sequence <paramref name="marked"/> of page <paramref name="page"/> (from 0).</summary>
    public void AddContent(int page, int marked) => kids.Add(new Kid(null, page, marked, 0));

    /// <summary>Content: the annotation object <paramref name="number"/> on page <paramref name="page"/>.</summary>
    public void AddAnnotation(int page, int number) => kids.Add(new Kid(null, page, 0, number));

    public int Number { get; private set; }

    /// <summary>Reserves an object for this element and all below.</summary>
    public void Reserve(PdfWriter pdf)
    {
        Number = pdf.Reserve();
        foreach (var kid in kids)
            kid.Node?.Reserve(pdf);
    }

    /// <summary>Writes this element and all below.</summary>
    /// <param name="pdf">The file.</param>
    /// <param name="root">Object of the StructTreeRoot, the parent of the topmost element.</param>
    /// <param name="pages">Page objects.</param>
    public void Write(PdfWriter pdf, int root, IReadOnlyList<int> pages)
    {
        var element = pdf.Open(Number).Add("<< /S /"u8).Ascii(type).Add(" /P "u8).Ref(parent?.Number ?? root);
        if (Language is { } language)
            element.Add(" /Lang ("u8).Ascii(language).Add(")"u8);

        if (Alternative is { } alternative)
            element.Add(" /Alt "u8).Text(alternative);

        if (Scope is { } scope)
            element.Add(" /A << /O /Table /Scope /"u8).Ascii(scope).Add(" >>"u8);

        if (Columns > 1)
            element.Add(" /A << /O /Table /ColSpan "u8).Int(Columns).Add(" >>"u8);

        element.Add(" /K ["u8);
        foreach (var kid in kids)
            WriteKid(element, kid, pages);

        element.Add("] >>"u8);
        pdf.Close();
        foreach (var kid in kids)
            kid.Node?.Write(pdf, root, pages);
    }

    private static void WriteKid(PdfBuffer element, Kid kid, IReadOnlyList<int> pages)
    {
        if (kid.Node is { } node)
            element.Ref(node.Number).Add(" "u8);
        else if (kid.Annotation != 0)
            element.Add("<< /Type /OBJR /Pg "u8).Ref(pages[kid.Page]).Add(" /Obj "u8).Ref(kid.Annotation).Add(" >>"u8);
        else
            element.Add("<< /Type /MCR /Pg "u8).Ref(pages[kid.Page]).Add(" /MCID "u8).Int(kid.Marked).Add(" >>"u8);
    }
}
