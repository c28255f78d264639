namespace Notary.Verification.Letters;

/// <summary>A letter's file as far as a verifier looks: the signature and the attached facts, found as a viewer finds them.</summary>
internal sealed record LetterPdf(SignatureSlot Slot, ReadOnlyMemory<byte> Facts, PdfObjects Objects, Dictionary<string, object?> Catalog)
{
    // A letter of 100 items with notes has under 1 MiB; this much is read and hashed at most for a stranger.
    private const int MaxBytes = 16 << 20;

    public static LetterPdf Open(ReadOnlyMemory<byte> pdf)
    {
        if (pdf.Length > MaxBytes)
            throw PdfObjects.Bad($"it has more than {MaxBytes} bytes");

        var objects = new PdfObjects(pdf);
        var catalog = objects.Follow<Dictionary<string, object?>>(objects.Trailer, "Root");
        return new LetterPdf(FindSlot(objects, catalog, pdf.Span), FindFacts(objects, catalog, pdf), objects, catalog);
    }

    private static SignatureSlot FindSlot(PdfObjects objects, Dictionary<string, object?> catalog, ReadOnlySpan<byte> pdf)
    {
        var form = objects.Follow<Dictionary<string, object?>>(catalog, "AcroForm");
        if (objects.Follow<List<object?>>(form, "Fields") is not [var only])
            throw PdfObjects.Bad("it has not exactly one signature");

        var field = objects.Resolve<Dictionary<string, object?>>(only, "Fields");
        var signature = objects.Follow<Dictionary<string, object?>>(field, "V");
        if (objects.Follow<PdfName>(field, "FT").Value != "Sig"
            || objects.Follow<PdfName>(signature, "SubFilter").Value != "ETSI.CAdES.detached")
        {
            throw PdfObjects.Bad("its signature is of another kind");
        }

        var contents = objects.Follow<PdfString>(signature, "Contents");
        if (objects.Follow<List<object?>>(signature, "ByteRange") is not [0L, long before, long after, long rest]
            || before != contents.Start || after != contents.End || after + rest != pdf.Length || pdf[contents.Start] != '<')
        {
            throw PdfObjects.Bad("its signature does not cover the whole file");
        }

        return new SignatureSlot(contents.Start, contents.End);
    }

    private static ReadOnlyMemory<byte> FindFacts(PdfObjects objects, Dictionary<string, object?> catalog, ReadOnlyMemory<byte> pdf)
    {
        // Actions, layers, another version: what a letter's catalog never has could change what a reader sees.
        if (catalog.Keys.FirstOrDefault(k => !CatalogKeys.Contains(k)) is { } strange)
            throw PdfObjects.Bad($"its catalog has /{strange}");

        var trees = objects.Follow<Dictionary<string, object?>>(catalog, "Names");
        var tree = objects.Follow<Dictionary<string, object?>>(trees, "EmbeddedFiles");
        if (objects.Follow<List<object?>>(tree, "Names") is not [PdfString name, var only]
            || !pdf.Span[(name.Start + 1)..(name.End - 1)].SequenceEqual("facts.json"u8))
        {
            throw PdfObjects.Bad($"it has not exactly one attachment, {LetterFacts.FileName}");
        }

        var specification = objects.Resolve<Dictionary<string, object?>>(only, "EmbeddedFiles");
        var files = objects.Follow<Dictionary<string, object?>>(specification, "EF");
        var stream = objects.Follow<PdfStream>(files, "F");
        return stream.Dictionary.ContainsKey("Filter") ? throw PdfObjects.Bad($"{LetterFacts.FileName} is encoded") : objects.Data(stream);
    }

    private static readonly string[] CatalogKeys =
        ["Type", "Pages", "Lang", "MarkInfo", "ViewerPreferences", "StructTreeRoot", "Metadata", "AcroForm", "Perms", "AF", "Names"];
}
