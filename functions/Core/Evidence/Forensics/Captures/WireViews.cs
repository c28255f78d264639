namespace Notary.Evidence.Forensics.Captures;

/// <summary>What came over the wire, read in the ways in which a page can show it.</summary>
internal sealed class WireViews
{
    private readonly string documents, scripts, styles, main = "";

    public WireViews(IReadOnlyList<WarcResponse> wire, string? address)
    {
        var (documentTexts, scriptTexts, styleTexts) = (new List<string>(), new List<string>(), new List<string>());
        foreach (var response in wire)
        {
            var type = response.Type;
            if (!IsText(type))
                continue;

            var text = Texts.Decode(response.Body.Span);
            if (type is "text/html" or "application/xhtml+xml")
            {
                var markup = Markup.Read(text);
                documentTexts.Add(markup.Text);
                scriptTexts.Add(Texts.Fold(Escapes.OfScript(markup.Rest)));
                styleTexts.Add(Texts.Fold(Escapes.OfStyle(markup.Rest)));

                // Of several answers the page is made from the last.
                if (response.Address == address && response.Status is not (>= 300 and < 400))
                    (Main, main) = (markup, markup.Text);
            }
            else if (type == "text/css")
            {
                styleTexts.Add(Texts.Fold(Escapes.OfStyle(text)));
            }
            else
            {
                scriptTexts.Add(Texts.Fold(Escapes.OfScript(text)));
            }
        }

        (documents, scripts, styles) = (string.Join('\n', documentTexts), string.Join('\n', scriptTexts), string.Join('\n', styleTexts));
    }

    /// <summary>The page's document; null when it is not there.</summary>
    public Markup? Main { get; }

    public bool InMain(string text) => Texts.Stand(text, main);

    public bool Serves(string text, SeenOrigin origin) => Texts.Stand(text, origin == SeenOrigin.Style ? styles : documents);

    public bool Scripts(string text, SeenOrigin origin) => origin != SeenOrigin.Style && Texts.Stand(text, scripts);

    /// <summary>Whether there are pieces, and each stands in a script or in data.</summary>
    public bool HasPieces(string text)
    {
        var pieces = Texts.Pieces(text).ToList();
        return pieces.Count > 0 && pieces.TrueForAll(piece => Texts.Stand(piece, scripts));
    }

    private static bool IsText(string type)
        => type.StartsWith("text/", StringComparison.Ordinal)
            || type.EndsWith("json", StringComparison.Ordinal) || type.EndsWith("xml", StringComparison.Ordinal)
            || type.EndsWith("javascript", StringComparison.Ordinal) || type.EndsWith("ecmascript", StringComparison.Ordinal);
}
