namespace Notary.Evidence.Forensics.Captures;

/// <summary>Names and bounds of notary-capture/1 (docs/forensics-format.md §10).</summary>
public static class CaptureFormat
{
    /// <summary>What the report calls its format.</summary>
    public const string Format = "notary-capture/1";

    /// <summary>The report, in the capture's folder like all that follow.</summary>
    public const string Report = "capture.json";

    /// <summary>The whole page as it is painted, and a small picture of its top.</summary>
    public const string Picture = "page.png", Thumbnail = "thumbnail.jpg";

    /// <summary>The DOM at that moment, and the texts that are seen.</summary>
    public const string Dom = "page.html", Seen = "seen.json";

    /// <summary>What came over the wire, and what the second fetch got.</summary>
    public const string Archive = "page.wacz", Second = "second.warc.gz";

    /// <summary>The certificates of the page's origin as the browser saw them, the site's own first.</summary>
    public const string Chain = "tls.pem";

    /// <summary>The WARC in the WACZ.</summary>
    public const string Warc = "archive/data.warc.gz";

    /// <summary>Captures of a recording: comparing one can take a minute when it is made for that.</summary>
    public const int MaxCaptures = 100;

    /// <summary>Bytes of capture.json: two hundred differences, as many addresses.</summary>
    public const int MaxReport = 4 * 1024 * 1024;

    /// <summary>Bytes of the DOM and of the list of texts: pages that browsers can still show have a tenth.</summary>
    public const int MaxDom = 16 * 1024 * 1024, MaxSeen = 8 * 1024 * 1024;

    /// <summary>Bytes of a WACZ, and of a WARC unpacked: what a browser keeps of a page's responses, and headers.</summary>
    public const int MaxArchive = 160 * 1024 * 1024;

    /// <summary>Bytes of one response's body.</summary>
    public const int MaxBody = 16 * 1024 * 1024;

    /// <summary>Bytes of a response's or a record's header: browsers refuse more.</summary>
    public const int MaxHead = 256 * 1024;

    /// <summary>Responses of a page.</summary>
    public const int MaxResponses = 5000;

    /// <summary>Texts that are seen on a page, and the code points of one.</summary>
    public const int MaxTexts = 10_000, MaxText = 4096;

    /// <summary>Differences, addresses and frames that a report lists one by one.</summary>
    public const int MaxListed = 200;

    /// <summary>Code points of a difference's text.</summary>
    public const int MaxQuoted = 200;

    /// <summary><c>captures/0001</c>.</summary>
    /// <param name="number">From 1.</param>
    public static string Folder(long number) => $"captures/{number.ToString("D4", CultureInfo.InvariantCulture)}";

    /// <summary><c>captures/0001/NAME</c>.</summary>
    public static string File(long number, string name) => $"{Folder(number)}/{name}";
}
