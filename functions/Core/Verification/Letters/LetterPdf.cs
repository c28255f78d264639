using System.Buffers.Text;

namespace Notary.Verification.Letters;

/// <summary>A letter's file as far as a verifier looks: the signature and the attached facts, found as a viewer finds them.</summary>
/// <param name="Signed">The first revision, which the signature covers.</param>
/// <param name="Facts">The attachment.</param>
internal sealed record LetterPdf(
    ReadOnlyMemory<byte> Signed, SignatureSlot Slot, ReadOnlyMemory<byte> Facts, PdfObjects Objects, Dictionary<string, object?> Catalog)
{
    // A letter of 100 items with notes has under 1 MiB; this much is read and hashed at most for a stranger.
    private const int MaxBytes = 16 << 20;

    public static LetterPdf Open(ReadOnlyMemory<byte> pdf)
    {
        if (pdf.Length > MaxBytes)
            throw PdfObjects.Bad($"it has more than {MaxBytes} bytes");

        var signed = pdf[..FirstRevision(pdf.Span)];
        var objects = new PdfObjects(signed);
        var catalog = objects.Follow<Dictionary<string, object?>>(objects.Trailer, "Root");
        var letter = new LetterPdf(signed, FindSlot(objects, catalog, signed.Span), FindFacts(objects, catalog, signed), objects, catalog);
        if (signed.Length == pdf.Length)
            return letter;

        var (archive, slot) = LetterArchive.Read(objects, pdf, signed.Length);
        return letter with { Archive = archive, ArchiveSlot = slot };
    }

    /// <summary>What a later revision adds; null when there is none.</summary>
    public LetterArchive? Archive { get; private init; }

    /// <summary>Where the document time-stamp is.</summary>
    public SignatureSlot ArchiveSlot { get; private init; }

    /// <summary>Where the first revision ends. Only a hint, taken from the last trailer's way back: either part is then compared byte by byte.</summary>
    private static int FirstRevision(ReadOnlySpan<byte> pdf)
    {
        var trailer = pdf.LastIndexOf("\ntrailer\n"u8);
        var previous = trailer < 0 ? -1 : pdf[trailer..].IndexOf(" /Prev "u8);
        if (previous < 0 || !Utf8Parser.TryParse(pdf[(trailer + previous + 7)..], out int table, out _) || table < 0 || table > trailer)
            return pdf.Length;

        var mark = Encoding.ASCII.GetBytes($"\nstartxref\n{table}\n%%EOF\n");
        var end = pdf[table..].IndexOf(mark);
        return end < 0 ? pdf.Length : table + end + mark.Length;
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
