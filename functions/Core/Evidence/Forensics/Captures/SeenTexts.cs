using System.Text.Json.Nodes;
using Notary.Evidence.Draws;

namespace Notary.Evidence.Forensics.Captures;

/// <summary>Where a text that is painted comes from.</summary>
public enum SeenOrigin
{
    /// <summary>A text node of the document.</summary>
    Text,

    /// <summary>A form's control: what was typed, chosen or proposed.</summary>
    Field,

    /// <summary>A style sheet, before or after an element.</summary>
    Style,
}

/// <summary>A text that is painted.</summary>
public sealed record SeenText(SeenOrigin Origin, string Text);

/// <summary><c>seen.json</c> (docs/forensics-format.md §10): the texts that the browser paints, as its layout has them.</summary>
public static class SeenTexts
{
    /// <summary>The canonical bytes.</summary>
    public static byte[] Write(IEnumerable<SeenText> texts) => Jcs.Canonicalize(DrawJson.Array(
        texts.Select(t => (JsonNode?)new JsonObject { ["origin"] = ForensicsJson.Word(t.Origin), ["text"] = t.Text })));

    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public static IReadOnlyList<SeenText> Read(ReadOnlySpan<byte> bytes) => DrawJson.Read(
        bytes, CaptureFormat.Seen, CaptureFormat.MaxSeen,
        json => json.GetArrayLength() <= CaptureFormat.MaxTexts
            ? json.EnumerateArray().Select(t => new SeenText(ForensicsJson.Choice<SeenOrigin>(t, "origin"), Bounded(t))).ToList()
            : throw new FormatException("too many"),
        Write);

    private static string Bounded(JsonElement json)
        => DrawJson.Text(json, "text") is var text && text.Length <= 2 * CaptureFormat.MaxText ? text : throw new FormatException("text");
}
