using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Notary.Verification.Letters;

/// <summary>
/// The text that a letter's pages and its seal show, out of their content streams (ISO 32000-1 §9) through the fonts' ToUnicode maps. White space is
/// left out; each structure element is one line, so that a cell that goes on after a page's end stays whole. Operators that no letter uses, among
/// them everything that shows other forms or invisible text, are refused, and pictures where a letter has none.
/// </summary>
internal sealed class PageText
{
    // A letter of 100 items with all notes has some 20 pages of 100 KiB; a stream unfolds a thousandfold.
    private const int MaxPages = 200;
    private const int MaxInflated = 4 << 20;

    // An element within an element, and actual text within that.
    private const int MaxNesting = 8;

    private readonly PdfObjects objects;
    private readonly Dictionary<int, StringBuilder> elements = [];
    private readonly List<StringBuilder> lines = [];
    private readonly List<Digest> pictures = [];
    private readonly List<List<StringBuilder>> beside = [];

    private PageText(PdfObjects objects) => this.objects = objects;

    /// <summary>All text, and of each page the pieces of it that are marked as artifacts: what stands beside its content.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/> for pages that are not made as a letter's are; also for any picture.</exception>
    public static (string Text, IReadOnlyList<IReadOnlyList<string>> Beside) Read(LetterPdf letter)
    {
        var (text, _) = Unpictured(letter);
        return (string.Join('\n', text.lines), [.. text.beside.Select(page => page.ConvertAll(piece => piece.ToString()))]);
    }

    /// <exception cref="FaultException">Likewise.</exception>
    public static (IReadOnlyList<string> Lines, int Pages) ReadLines(LetterPdf letter)
    {
        var (text, pages) = Unpictured(letter);
        return ([.. text.lines.Select(line => line.ToString())], pages);
    }

    private static (PageText Text, int Pages) Unpictured(LetterPdf letter)
    {
        var text = new PageText(letter.Objects);
        var pages = text.ReadPages(letter.Catalog);
        Require(text.pictures.Count == 0, "a page draws as no letter's page does");
        return (text, pages);
    }

    /// <summary>Also the digests of the pictures' bytes, in the order in which they are drawn.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/> for pages that are not made as a letter's are.</exception>
    public static (IReadOnlyList<string> Lines, int Pages, IReadOnlyList<Digest> Pictures) ReadAll(LetterPdf letter)
    {
        var text = new PageText(letter.Objects);
        var pages = text.ReadPages(letter.Catalog);
        return ([.. text.lines.Select(line => line.ToString())], pages, text.pictures);
    }

    private int ReadPages(Dictionary<string, object?> catalog)
    {
        var structure = objects.Follow<Dictionary<string, object?>>(catalog, "StructTreeRoot");
        var parents = objects.Follow<List<object?>>(objects.Follow<Dictionary<string, object?>>(structure, "ParentTree"), "Nums");
        var field = objects.Follow<List<object?>>(objects.Follow<Dictionary<string, object?>>(catalog, "AcroForm"), "Fields")[0];
        var pages = objects.Follow<List<object?>>(objects.Follow<Dictionary<string, object?>>(catalog, "Pages"), "Kids");
        Require(pages.Count is > 0 and <= MaxPages, "it has no pages, or too many");
        for (var i = 0; i < pages.Count; i++)
        {
            var page = objects.Resolve<Dictionary<string, object?>>(pages[i], "Kids");
            Require(page.Keys.All(k => k is "Type" or "Parent" or "MediaBox" or "Tabs" or "StructParents" or "Resources" or "Contents" or "Annots")
                && (!page.ContainsKey("Annots") || (objects.Follow<List<object?>>(page, "Annots") is [var only] && Equals(only, field))),
                "a page has parts that no letter's page has");

            // ParentTree: the page's key and, by the number of the marked content, the elements that it belongs to (§14.7.4.4).
            Require(objects.Follow<long>(page, "StructParents") == i && (2 * i) + 1 < parents.Count, "its structure is not that of a letter");
            var marked = objects.Resolve<List<object?>>(parents[(2 * i) + 1], "Nums");
            beside.Add([]);
            ReadContent(objects.Follow<PdfStream>(page, "Contents"), Fonts(page, "XObject"), Images(page), marked);
        }

        var appearance = objects.Follow<Dictionary<string, object?>>(objects.Resolve<Dictionary<string, object?>>(field, "Fields"), "AP");
        var seal = objects.Follow<PdfStream>(appearance, "N");
        ReadContent(seal, Fonts(seal.Dictionary, "Font"), [], []);
        return pages.Count;
    }

    /// <summary>Pictures of a page, each by the digest of its bytes. Only what is drawn as it stands: no masks, no other way to read the numbers.</summary>
    private Dictionary<string, Digest> Images(Dictionary<string, object?> page)
    {
        var resources = objects.Follow<Dictionary<string, object?>>(page, "Resources");
        return !resources.ContainsKey("XObject") ? [] : objects.Follow<Dictionary<string, object?>>(resources, "XObject").ToDictionary(x => x.Key, x =>
        {
            var image = objects.Resolve<PdfStream>(x.Value, "XObject");
            Require(image.Dictionary.Keys.All(k
                    => k is "Type" or "Subtype" or "Width" or "Height" or "ColorSpace" or "BitsPerComponent" or "Filter" or "Length")
                && objects.Follow<PdfName>(image.Dictionary, "Subtype").Value == "Image", "a page shows what no letter's page shows");
            return Digest.Of(objects.Data(image).Span);
        }, StringComparer.Ordinal);
    }

    private Dictionary<string, ToUnicode> Fonts(Dictionary<string, object?> owner, string also)
    {
        var resources = objects.Follow<Dictionary<string, object?>>(owner, "Resources");
        Require(resources.Keys.All(k => k == "Font" || k == also), "a page uses what no letter's page uses");
        return objects.Follow<Dictionary<string, object?>>(resources, "Font").ToDictionary(f => f.Key, f =>
        {
            var font = objects.Resolve<Dictionary<string, object?>>(f.Value, "Font");
            Require(objects.Follow<PdfName>(font, "Encoding").Value == "Identity-H", "a font is encoded otherwise");
            var stream = objects.Follow<PdfStream>(font, "ToUnicode");
            return ToUnicode.Of(objects.Data(stream), data => Inflate(data).ToArray());
        }, StringComparer.Ordinal);
    }

    private void ReadContent(PdfStream stream, Dictionary<string, ToUnicode> fonts, Dictionary<string, Digest> images, List<object?> marked)
    {
        Require(stream.Dictionary.TryGetValue("Filter", out var filter) && filter is PdfName { Value: "FlateDecode" }, "a page is encoded otherwise");
        var reader = new ContentReader(Inflate(objects.Data(stream)).Span);
        var groups = new Stack<StringBuilder>();
        ToUnicode? font = null;
        StringBuilder? loose = null;
        while (reader.Next(out var operation))
        {
            switch (operation)
            {
                case "BMC" or "BDC":
                    Require(groups.Count < MaxNesting, "its marked content nests too deep");
                    groups.Push(Group(ref reader, marked, groups));
                    break;
                case "EMC":
                    Require(groups.TryPop(out _), "its marked content ends twice");
                    break;
                case "Tf":
                    Require(fonts.TryGetValue(reader.Name, out font), "a page names a font that is not there");
                    break;
                case "Tj":
                    Require(font is not null, "a page shows text without a font");
                    font!.Append(reader.Hex, groups.TryPeek(out var line) ? line : loose ??= Line());
                    break;

                case "Do":
                    Require(images.TryGetValue(reader.Name, out var picture), "a page draws as no letter's page does");
                    pictures.Add(picture);
                    break;

                // Filled, or filled and stroked: text that shows.
                case "Tr":
                    Require(reader.Number is "0" or "2", "a page has text that does not show");
                    break;
                case "BT" or "ET" or "rg" or "RG" or "w" or "Tc" or "Tm" or "re" or "m" or "l" or "S" or "f" or "q" or "Q" or "cm":
                    break;
                default:
                    throw PdfObjects.Bad("a page draws as no letter's page does");
            }
        }
    }

    /// <summary>Where text of a marked sequence goes: its element's line, a line of its own, or, for actual text, on the line around it.</summary>
    private StringBuilder Group(ref ContentReader reader, List<object?> marked, Stack<StringBuilder> groups)
    {
        if (reader.Name == "Span" && reader.Marked is null && groups.TryPeek(out var around))
            return around;

        if (reader.Marked is not { } number)
        {
            Require(reader.Name is "Artifact" or "Span", "a page marks its content as no letter's page does");
            var piece = Line();
            if (reader.Name == "Artifact")
                beside[^1].Add(piece);

            return piece;
        }

        Require(number < marked.Count && marked[number] is PdfReference, "its structure is not that of a letter");
        var element = ((PdfReference)marked[number]!).Number;
        return elements.TryGetValue(element, out var line) ? line : elements[element] = Line();
    }

    private StringBuilder Line()
    {
        lines.Add(new StringBuilder());
        return lines[^1];
    }

    private static ReadOnlyMemory<byte> Inflate(ReadOnlyMemory<byte> data)
    {
        var input = MemoryMarshal.TryGetArray(data, out var array)
            ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false) : new MemoryStream(data.ToArray());
        using var inflate = new ZLibStream(input, CompressionMode.Decompress);
        var bytes = new byte[Math.Min(MaxInflated, (4 * data.Length) + 1024)];
        var length = 0;
        try
        {
            while (inflate.Read(bytes, length, bytes.Length - length) is > 0 and var read)
            {
                length += read;
                if (length < bytes.Length)
                    continue;

                Require(length < MaxInflated, "a page unfolds to more than any letter's");
                Array.Resize(ref bytes, Math.Min(MaxInflated, 2 * length));
            }
        }
        catch (InvalidDataException)
        {
            throw PdfObjects.Bad("a page cannot be unpacked");
        }

        return bytes.AsMemory(0, length);
    }

    private static void Require(bool condition, string why)
    {
        if (!condition)
            throw PdfObjects.Bad(why);
    }
}
