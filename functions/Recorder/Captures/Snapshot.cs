using Notary.Evidence.Forensics.Captures;
using Notary.Recorder.Desktop;

namespace Notary.Recorder.Captures;

/// <summary>What is painted, from the browser's layout and not from what a page's scripts say of it.</summary>
internal sealed class Snapshot
{
    /// <summary>Characters of all texts together: seen.json's bound, however they are escaped.</summary>
    private const int MostCharacters = 1024 * 1024;

    /// <summary>A text node, and a shadow root, by their numbers in the DOM.</summary>
    private const int TextNode = 3;

    private readonly JsonArray strings, parents, types, names, values;
    private readonly Dictionary<int, string> pseudo, shadow;
    private readonly JsonNode layout;

    private Snapshot(JsonNode all)
    {
        strings = all["strings"]!.AsArray();
        var document = all["documents"]![0]!;
        var nodes = document["nodes"]!;
        (parents, types) = (nodes["parentIndex"]!.AsArray(), nodes["nodeType"]!.AsArray());
        (names, values) = (nodes["nodeName"]!.AsArray(), nodes["nodeValue"]!.AsArray());
        (pseudo, shadow, layout) = (Rare(nodes["pseudoType"]), Rare(nodes["shadowRootType"]), document["layout"]!);
    }

    /// <returns>The texts, in the document's order, and whether there were too many.</returns>
    public static async Task<(IReadOnlyList<SeenText> Texts, bool Cut)> TakeAsync(BrowserPipe browser, string session, CancellationToken cancel)
        => new Snapshot(await browser.SendAsync(
            "DOMSnapshot.captureSnapshot", new JsonObject { ["computedStyles"] = new JsonArray("visibility") }, session, cancel)).Read();

    private (IReadOnlyList<SeenText>, bool) Read()
    {
        var (seen, taken, characters) = (new List<SeenText>(), new HashSet<int>(), 0);
        var (nodes, texts, bounds, styles) =
            (layout["nodeIndex"]!.AsArray(), layout["text"]!.AsArray(), layout["bounds"]!.AsArray(), layout["styles"]!.AsArray());
        for (var i = 0; i < nodes.Count; i++)
        {
            var (node, painted) = (Number(nodes[i]), String(texts[i]));
            if (painted.Length == 0 || !IsVisible(bounds[i]!.AsArray(), styles[i]!.AsArray()) || Origin(node) is not { } origin)
                continue;

            var text = origin == SeenOrigin.Style ? painted : Written(node, painted);
            if (ReferenceEquals(text, painted) || taken.Add(node))
            {
                foreach (var part in Parts(Whole(text)))
                {
                    if (seen.Count == CaptureFormat.MaxTexts || (characters += part.Length) > MostCharacters)
                        return (seen, true);

                    seen.Add(new SeenText(origin, part));
                }
            }
        }

        return (seen, false);
    }

    // A style sheet may have changed the case, or painted the first letter apart: then it is the node's own text that is seen.
    private string Written(int node, string painted)
        => Number(types[node]) == TextNode && String(values[node]) is var own
            && Texts.Fold(own).Contains(Texts.Fold(painted), StringComparison.OrdinalIgnoreCase) ? own : painted;

    private SeenOrigin? Origin(int node)
    {
        for (var at = node; at >= 0; at = Number(parents[at]))
        {
            // Numbers and bullets of lists are the browser's own.
            if (pseudo.TryGetValue(at, out var kind))
                return kind is "before" or "after" ? SeenOrigin.Style : kind is "first-letter" or "first-line" ? SeenOrigin.Text : null;

            if (shadow.GetValueOrDefault(at) == "user-agent")
                return SeenOrigin.Field;

            // What is chosen or may be.
            if (String(names[at]) is "SELECT" or "TEXTAREA")
                return SeenOrigin.Field;
        }

        return SeenOrigin.Text;
    }

    private bool IsVisible(JsonArray bounds, JsonArray styles)
        => bounds.Count == 4 && bounds[2]!.GetValue<double>() > 0 && bounds[3]!.GetValue<double>() > 0
            && (styles.Count == 0 || String(styles[0]) == "visible");

    /// <summary>Parts of a long text, cut where no word is.</summary>
    private static IEnumerable<string> Parts(string text)
    {
        var from = 0;
        while (text.Length - from > CaptureFormat.MaxText)
        {
            var to = from + CaptureFormat.MaxText;
            while (to > from + (CaptureFormat.MaxText / 2) && (char.IsAsciiLetterOrDigit(text[to]) || char.IsLowSurrogate(text[to])))
                to--;

            yield return text[from..to];
            from = to;
        }

        yield return text[from..];
    }

    // A half of a surrogate pair is no text that JSON can hold.
    private static string Whole(string text) => string.Concat(text.EnumerateRunes());

    private Dictionary<int, string> Rare(JsonNode? data)
        => data is null ? [] : data["index"]!.AsArray().Zip(data["value"]!.AsArray()).ToDictionary(p => Number(p.First), p => String(p.Second));

    private string String(JsonNode? index) => Number(index) is >= 0 and var at ? strings[at]!.GetValue<string>() : "";

    private static int Number(JsonNode? node) => node!.GetValue<int>();
}
