using Notary.Letters.Pictures;
using Notary.Verification.Certificates;
using Notary.Verification.Recordings;

namespace Notary.Letters;

/// <summary>Makes the PDF of a storage letter, a draw's certificate or a remote forensics letter, ready to sign.</summary>
public static class LetterRenderer
{
    /// <summary>Bytes kept free for the signature: a P-256 signature with its certificates and a time-stamp token with its own come to 3–9 KiB.</summary>
    public const int SignatureBytes = 16 * 1024;

    /// <summary>
    /// Renders the letter (A4, PDF 1.7, tagged) with an empty signature field of SubFilter ETSI.CAdES.detached whose
    /// ByteRange already covers the whole file but Contents. Equal facts give equal bytes.
    /// </summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/> when a text is not valid Unicode.</exception>
    public static byte[] Render(LetterFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        using var pages = new LetterPages(facts);
        return Render(pages, LetterPages.Info(facts), facts.ToJson());
    }

    /// <summary>The same of a draw's certificate.</summary>
    /// <exception cref="FaultException">Likewise.</exception>
    public static byte[] Render(CertificateFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        using var pages = new CertificatePages(facts);
        return Render(pages, CertificatePages.Info(facts), facts.ToJson());
    }

    /// <summary>The same of a remote forensics letter.</summary>
    /// <param name="facts">What it states.</param>
    /// <param name="pictures">All that the facts say are shown, by the digests of their bytes in the PDF.</param>
    /// <exception cref="FaultException">Likewise.</exception>
    public static byte[] Render(RecordingFacts facts, IReadOnlyDictionary<Digest, LetterPicture> pictures)
    {
        ArgumentNullException.ThrowIfNull(facts);
        using var pages = new CertificatePages(facts, pictures);
        return Render(pages, CertificatePages.Info(facts), facts.ToJson());
    }

    private static byte[] Render(DocumentPages pages, DocumentInfo info, byte[] json)
    {
        using var pdf = new PdfWriter(256 * 1024);
        var numbers = new Numbers(pdf, pages);

        WriteCatalog(pdf, numbers);
        WritePages(pdf, numbers, pages);
        WritePictures(pdf, numbers, pages);
        pages.Fonts.Write(pdf, numbers.SharedFont, numbers.OwnFont);
        WriteStructure(pdf, numbers, pages);
        WriteFacts(pdf, numbers, info, json);
        LetterMetadata.Write(pdf, numbers.Metadata, numbers.Info, info);
        var slot = LetterSignatureField.Write(pdf, numbers, pages, info);

        var file = pdf.Finish(numbers.Catalog, numbers.Info, SHA256.HashData(json).AsSpan(0, 16));
        slot.FillByteRange(file);
        return file.ToArray();
    }

    private static void WriteCatalog(PdfWriter pdf, Numbers n)
    {
        pdf.Open(n.Catalog).Add("<< /Type /Catalog /Pages "u8).Ref(n.Pages)
            .Add(" /Lang (zh-CN) /MarkInfo << /Marked true >> /ViewerPreferences << /DisplayDocTitle true >> /StructTreeRoot "u8).Ref(n.Structure)
            .Add(" /Metadata "u8).Ref(n.Metadata)
            .Add(" /AcroForm << /SigFlags 3 /Fields ["u8).Ref(n.Field)
            .Add("] >> /Perms << /DocMDP "u8).Ref(n.Signature)
            .Add(" >> /AF ["u8).Ref(n.FileSpecification)
            .Add("] /Names << /EmbeddedFiles << /Names [("u8).Ascii(LetterFacts.FileName).Add(") "u8).Ref(n.FileSpecification).Add("] >> >> >>"u8);
        pdf.Close();
    }

    private static void WritePages(PdfWriter pdf, Numbers n, DocumentPages pages)
    {
        var tree = pdf.Open(n.Pages).Add("<< /Type /Pages /Count "u8).Int(n.Page.Length).Add(" /Kids ["u8);
        foreach (var page in n.Page)
            tree.Ref(page).Add(" "u8);

        tree.Add("] >>"u8);
        pdf.Close();
        for (var i = 0; i < n.Page.Length; i++)
        {
            var content = pdf.Reserve();
            var page = pdf.Open(n.Page[i]).Add("<< /Type /Page /Parent "u8).Ref(n.Pages)
                .Add(" /MediaBox [0 0 595.28 841.89] /Tabs /S /StructParents "u8).Int(i).Add(" /Resources "u8);
            n.WriteResources(page, pictures: true);
            page.Add(" /Contents "u8).Ref(content);
            if (i == n.Page.Length - 1)
                page.Add(" /Annots ["u8).Ref(n.Field).Add("]"u8);

            page.Add(" >>"u8);
            pdf.Close();
            pdf.Compressed(content, default, pages.Sheet.Pages[i].Content.Span);
        }
    }

    private static void WritePictures(PdfWriter pdf, Numbers n, DocumentPages pages)
    {
        foreach (var (picture, number) in pages.Shown.Zip(n.Picture))
        {
            using var entries = new PdfBuffer(128).Add("/Type /XObject /Subtype /Image /Width "u8).Int(picture.Width).Add(" /Height "u8).Int(picture.Height)
                .Add(" "u8).Ascii(picture.Entries);
            pdf.Stream(number, entries.Span, picture.Data);
        }
    }

    private static void WriteStructure(PdfWriter pdf, Numbers n, DocumentPages pages)
    {
        var form = pages.Root.Add("Form", alternative: Wording.SealAlternative);
        form.AddAnnotation(n.Page.Length - 1, n.Field);
        pages.Root.Reserve(pdf);
        pages.Root.Write(pdf, n.Structure, n.Page);
        var tree = pdf.Reserve();
        pdf.Open(n.Structure).Add("<< /Type /StructTreeRoot /K ["u8).Ref(pages.Root.Number).Add("] /ParentTree "u8).Ref(tree)
            .Add(" /ParentTreeNextKey "u8).Int(n.Page.Length + 1).Add(" >>"u8);
        pdf.Close();
        var parents = pdf.Open(tree).Add("<< /Nums ["u8);
        for (var i = 0; i < n.Page.Length; i++)
        {
            parents.Int(i).Add(" ["u8);
            foreach (var node in pages.Sheet.Pages[i].Marked)
                parents.Ref(node.Number).Add(" "u8);

            parents.Add("] "u8);
        }

        parents.Int(n.Page.Length).Add(" "u8).Ref(form.Number).Add("] >>"u8);
        pdf.Close();
    }

    // Kept uncompressed: a reader with nothing but a text editor finds the facts.
    private static void WriteFacts(PdfWriter pdf, Numbers n, DocumentInfo info, byte[] json)
    {
        var file = pdf.Reserve();
        pdf.Open(n.FileSpecification).Add("<< /Type /Filespec /AFRelationship /Data /F ("u8).Ascii(LetterFacts.FileName)
            .Add(") /UF ("u8).Ascii(LetterFacts.FileName).Add(") /Desc "u8).Text(info.FactsDescription)
            .Add(" /EF << /F "u8).Ref(file).Add(" /UF "u8).Ref(file).Add(" >> >>"u8);
        pdf.Close();
        using var entries = new PdfBuffer(128).Add("/Type /EmbeddedFile /Subtype /application#2Fjson /Params << /Size "u8).Int(json.Length)
            .Add(" /ModDate ("u8).Ascii(LetterMetadata.Date(info.IssuedAt)).Add(") >>"u8);
        pdf.Stream(file, entries.Span, json);
    }

    /// <summary>Object numbers that several parts of the file refer to.</summary>
    internal sealed class Numbers
    {
        public Numbers(PdfWriter pdf, DocumentPages pages)
        {
            (Catalog, Info, Pages, Structure, Metadata) = (pdf.Reserve(), pdf.Reserve(), pdf.Reserve(), pdf.Reserve(), pdf.Reserve());
            (Field, Signature, FileSpecification, SharedFont) = (pdf.Reserve(), pdf.Reserve(), pdf.Reserve(), pdf.Reserve());
            OwnFont = pages.Fonts.HasOwn ? pdf.Reserve() : null;
            Page = new int[pages.Sheet.Pages.Count];
            for (var i = 0; i < Page.Length; i++)
                Page[i] = pdf.Reserve();

            Picture = [.. pages.Shown.Select(_ => pdf.Reserve())];
        }

        public int Catalog { get; }

        public int Info { get; }

        public int Pages { get; }

        public int Structure { get; }

        public int Metadata { get; }

        public int Field { get; }

        public int Signature { get; }

        public int FileSpecification { get; }

        public int SharedFont { get; }

        public int? OwnFont { get; }

        public int[] Page { get; }

        public int[] Picture { get; }

        public void WriteResources(PdfBuffer into, bool pictures = false)
        {
            into.Add("<< /Font << /F1 "u8).Ref(SharedFont);
            if (OwnFont is { } own)
                into.Add(" /F2 "u8).Ref(own);

            into.Add(" >>"u8);
            if (pictures && Picture.Length > 0)
            {
                into.Add(" /XObject << "u8);
                for (var i = 0; i < Picture.Length; i++)
                    into.Add("/I"u8).Int(i).Add(" "u8).Ref(Picture[i]).Add(" "u8);

                into.Add(">>"u8);
            }

            into.Add(" >>"u8);
        }
    }
}
