using System.Security;

namespace Notary.Letters;

/// <summary>Title, language and dates as XMP (ISO 16684-1) and in the information dictionary, saying the same.</summary>
internal static class LetterMetadata
{
    private const string Producer = "Notary.Serverless Letters";

    public static void Write(PdfWriter pdf, int metadata, int number, DocumentInfo info)
    {
        var title = info.Title;
        var issued = info.IssuedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var xmp = $"""
            <?xpacket begin="{'\uFEFF'}" id="W5M0MpCehiHzreSzNTczkc9d"?>
            <x:xmpmeta xmlns:x="adobe:ns:meta/">
            <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
            <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
                xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
            <dc:format>application/pdf</dc:format>
            <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{Xml(title)}</rdf:li></rdf:Alt></dc:title>
            <dc:language><rdf:Bag><rdf:li>zh-CN</rdf:li><rdf:li>en</rdf:li></rdf:Bag></dc:language>
            <dc:publisher><rdf:Bag><rdf:li>{Xml(info.Office.Chinese)} {Xml(info.Office.English)}</rdf:li></rdf:Bag></dc:publisher>
            <pdf:Producer>{Producer}</pdf:Producer>
            <xmp:CreateDate>{issued}</xmp:CreateDate>
            <xmp:ModifyDate>{issued}</xmp:ModifyDate>
            </rdf:Description>
            </rdf:RDF>
            </x:xmpmeta>
            <?xpacket end="r"?>
            """;
        pdf.Stream(metadata, "/Type /Metadata /Subtype /XML"u8, Encoding.UTF8.GetBytes(xmp));
        var date = Date(info.IssuedAt);
        pdf.Open(number).Add("<< /Title "u8).Text(title).Add(" /Producer ("u8).Ascii(Producer)
            .Add(") /CreationDate ("u8).Ascii(date).Add(") /ModDate ("u8).Ascii(date).Add(") >>"u8);
        pdf.Close();
    }

    /// <summary>A date as PDF writes it (ISO 32000-1 §7.9.4), in UTC.</summary>
    public static string Date(DateTimeOffset time)
        => time.UtcDateTime.ToString("'D:'yyyyMMddHHmmss'Z'", CultureInfo.InvariantCulture);

    // XML 1.0 cannot hold most control characters at all, not even escaped.
    private static string Xml(string text)
        => SecurityElement.Escape(string.Concat(text.Select(c => System.Xml.XmlConvert.IsXmlChar(c) || char.IsSurrogate(c) ? c : '\uFFFD')));
}
