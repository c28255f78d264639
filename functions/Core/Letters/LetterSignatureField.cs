namespace Notary.Letters;

/// <summary>The signature field, its visible seal, and the signature dictionary with room for the CMS (ISO 32000-1 §12.7.4.5, §12.8.1).</summary>
internal static class LetterSignatureField
{
    // Ten digits hold every offset that a cross-reference table can (§7.5.4).
    private const int OffsetDigits = 10;

    /// <summary>Where in the file the values are that only the whole file determines.</summary>
    internal readonly record struct Slot(int ByteRangeAt, int ContentsAt)
    {
        private const int ContentsLength = (2 * LetterRenderer.SignatureBytes) + 2;

        /// <summary>Writes the ByteRange: all before Contents and all after it.</summary>
        public void FillByteRange(PdfBuffer file)
        {
            var after = ContentsAt + ContentsLength;
            var at = ByteRangeAt;
            foreach (var value in (ReadOnlySpan<int>)[0, ContentsAt, after, file.Length - after])
            {
                var digits = System.Text.Encoding.ASCII.GetBytes(value.ToString("D10", System.Globalization.CultureInfo.InvariantCulture));
                file.Patch(at, digits);
                at += OffsetDigits + 1;
            }
        }
    }

    public static Slot Write(PdfWriter pdf, LetterRenderer.Numbers n, DocumentPages pages, DocumentInfo info)
    {
        var appearance = pdf.Reserve();
        var (x, y, width, height) = pages.SealArea;
        pdf.Open(n.Field).Add("<< /Type /Annot /Subtype /Widget /FT /Sig /T (Signature1) /TU "u8).Text(Wording.SealAlternative)
            .Add(" /F 132 /Rect ["u8).Num(x).Add(" "u8).Num(y).Add(" "u8).Num(x + width).Add(" "u8).Num(y + height)
            .Add("] /P "u8).Ref(n.Page[^1]).Add(" /StructParent "u8).Int(n.Page.Length)
            .Add(" /AP << /N "u8).Ref(appearance).Add(" >> /V "u8).Ref(n.Signature).Add(" >>"u8);
        pdf.Close();

        using var form = new PdfBuffer(256).Add("/Type /XObject /Subtype /Form /BBox [0 0 "u8).Num(width).Add(" "u8).Num(height).Add("] /Resources "u8);
        n.WriteResources(form);
        pdf.Compressed(appearance, form.Span, pages.Seal.Content.Span);
        return WriteSignature(pdf, n.Signature, info);
    }

    private static Slot WriteSignature(PdfWriter pdf, int number, DocumentInfo info)
    {
        // DocMDP with P 1: the letter is finished, and any later change invalidates it (§12.8.2.2).
        pdf.Open(number).Add("<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /M ("u8).Ascii(LetterMetadata.Date(info.IssuedAt))
            .Add(") /Name "u8).Text($"{info.Office.Chinese} {info.Office.English}").Add(" /Reason "u8).Text(info.Reason)
            .Add(" /Reference [<< /Type /SigRef /TransformMethod /DocMDP /TransformParams << /Type /TransformParams /P 1 /V /1.2 >> >>]"u8)
            .Add(" /ByteRange ["u8);
        var byteRange = pdf.Position;
        var dictionary = pdf.Continue().Add("0000000000 0000000000 0000000000 0000000000] /Contents "u8);
        var contents = pdf.Position;
        dictionary.ZeroHex(LetterRenderer.SignatureBytes).Add(" >>"u8);
        pdf.Close();
        return new Slot(byteRange, contents);
    }
}
