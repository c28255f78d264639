using System.Buffers.Binary;
using System.Runtime.InteropServices;
using HarfBuzzSharp;
using Buffer = HarfBuzzSharp.Buffer;

namespace Notary.Letters.Fonts;

/// <summary>A glyph as part of an outline, with its distance from the outline's origin in font units.</summary>
internal readonly record struct Piece(int Glyph, int X, int Y);

/// <summary>Characters that are drawn as one, in font units.</summary>
/// <param name="Start">Place of the first in the text.</param>
/// <param name="Pieces">What is drawn.</param>
/// <param name="Width">How far the next one stands.</param>
/// <param name="Top">How high it reaches above the baseline.</param>
/// <param name="Depth">How deep it reaches below.</param>
internal readonly record struct Cluster(int Start, Piece[] Pieces, int Width, int Top, int Depth)
{
    /// <summary>No syllable of any language is as high or deep, or as wide: piled up marks could strike out the next lines, and what is drawn as one is
    /// never broken.</summary>
    private const int Farthest = 1500;
    private const int Widest = 6000;

    /// <summary>Whether everything shows: no glyph is missing, none covers one just like it, and the whole stays near its place.</summary>
    public bool Shows => Pieces.Length > 0 && Pieces.All(p => p.Glyph != 0) && Pieces.Distinct().Count() == Pieces.Length
        && Math.Max(Top, Depth) <= Farthest && Width is >= 0 and <= Widest;
}

/// <summary>A font of a script whose letters join, stack or change places. HarfBuzz says which glyphs stand where.</summary>
/// <remarks>Immutable once made, so every letter shares it. Texts are code points; places in them are indices.</remarks>
internal sealed class ScriptFont
{
    /// <summary>How far around a character that is not seen its effect is looked for. No script reaches farther, and a text of nothing else takes no
    /// longer.</summary>
    private const int Reach = 8;

    // Rare on letters of this office, and 4 MB: unpacked when a name first needs it.
    private static readonly Lazy<ScriptFont[]> All = new(Load);

    // Never the process's locale, which HarfBuzz would take: letters are the same on every machine.
    private static readonly Language Undetermined = new("und");

    private readonly Font font;

    private ScriptFont(TrueTypeFont outlines, Font font) => (Outlines, this.font) = (outlines, font);

    public TrueTypeFont Outlines { get; }

    /// <summary>The font for a character: that of the one before when it has it, else the first that has it; null when none has.</summary>
    /// <param name="point">The character.</param>
    /// <param name="before">Font of the character before it, if it is one of these.</param>
    /// <param name="leans">The character is nothing without the one before it.</param>
    public static ScriptFont? Of(int point, ScriptFont? before, bool leans)
        => before?.Outlines.Glyph(point) > 0 ? before : leans ? null : Array.Find(All.Value, f => f.Outlines.Glyph(point) != 0);

    /// <summary>Clusters of text[start..end] in the text's order, shaped as its surroundings ask.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="start">Where the run starts.</param>
    /// <param name="end">Where it ends.</param>
    /// <param name="rightToLeft">Its direction; null for the script's own.</param>
    public List<Cluster> Shape(int[] text, int start, int end, bool? rightToLeft)
    {
        using var buffer = new Buffer { Language = Undetermined };
        if (rightToLeft is { } known)
            buffer.Direction = known ? Direction.RightToLeft : Direction.LeftToRight;

        buffer.AddUtf32(text, start, end - start);
        buffer.GuessSegmentProperties(); // the script, and the direction when it is not given
        font.Shape(buffer);
        var (glyphs, positions) = (buffer.GlyphInfos, buffer.GlyphPositions);
        var clusters = new List<Cluster>();
        for (var i = 0; i < glyphs.Length;)
        {
            var (cluster, pen, top, bottom, pieces) = (glyphs[i].Cluster, 0, 0, 0, new List<Piece>());
            for (; i < glyphs.Length && glyphs[i].Cluster == cluster; i++)
            {
                var (glyph, rise) = ((int)glyphs[i].Codepoint, positions[i].YOffset);
                if (Outlines.Outline(glyph) is { IsEmpty: false } outline)
                {
                    pieces.Add(new Piece(glyph, pen + positions[i].XOffset, rise));
                    bottom = Math.Min(bottom, rise + BinaryPrimitives.ReadInt16BigEndian(outline[4..]));
                    top = Math.Max(top, rise + BinaryPrimitives.ReadInt16BigEndian(outline[8..]));
                }

                pen += positions[i].XAdvance;
            }

            clusters.Add(new Cluster((int)cluster, [.. pieces], pen, top, -bottom));
        }

        if (buffer.Direction == Direction.RightToLeft)
            clusters.Reverse();

        return clusters;
    }

    /// <summary>Whether a character of this font shows by itself; joiners and selectors do not, whatever the font has for them.</summary>
    public bool Draws(int point) => !Outlines.Outline(Outlines.Glyph(point)).IsEmpty
        && point is not (>= 0x180B and <= 0x180F) && CharUnicodeInfo.GetUnicodeCategory(point) != UnicodeCategory.Format;

    /// <summary>Whether a character that does not show changes its neighbours, a blank more than the usual one does. One that does not would let one
    /// name pass for another.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="at">Place of the character.</param>
    /// <param name="start">Where the run of this font starts.</param>
    /// <param name="end">Where it ends; below zero for the text's end.</param>
    public bool Changes(int[] text, int at, int start, int end)
    {
        var near = text[Math.Max(start, at - Reach)..Math.Min(end < 0 ? text.Length : end, at + Reach)];
        var (before, after) = (near[..Math.Min(Reach, at - start)], near[(Math.Min(Reach, at - start) + 1)..]);
        var blank = CharUnicodeInfo.GetUnicodeCategory(text[at]) == UnicodeCategory.SpaceSeparator;
        return !Drawn(near).SequenceEqual(blank ? Drawn(before).Concat(Drawn(after)) : Drawn([.. before, .. after]));

        IEnumerable<int> Drawn(int[] run) => Shape(run, 0, run.Length, null).SelectMany(c => c.Pieces.Select(p => p.Glyph));
    }

    private static ScriptFont[] Load()
    {
        using var packed = new MemoryStream(DocumentFonts.Resource("NotoSans-Scripts.ttc.gz"));
        using var unpack = new GZipStream(packed, CompressionMode.Decompress);
        using var stream = new MemoryStream();
        unpack.CopyTo(stream);

        // HarfBuzz reads this memory as long as the process lives. Pinned here: Blob.FromStream hands it an array that the collector may take.
        var bytes = GC.AllocateUninitializedArray<byte>((int)stream.Length, pinned: true);
        stream.GetBuffer().AsSpan(0, bytes.Length).CopyTo(bytes);
        using var blob = new Blob(Marshal.UnsafeAddrOfPinnedArrayElement(bytes, 0), bytes.Length, MemoryMode.ReadOnly);
        var fonts = new ScriptFont[BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(8))];
        for (var i = 0; i < fonts.Length; i++)
        {
            using var face = new HarfBuzzSharp.Face(blob, i);
            face.MakeImmutable();
            var font = new Font(face);
            font.SetFunctionsOpenType();
            fonts[i] = new ScriptFont(new TrueTypeFont(bytes, BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(12 + (4 * i)))), font);
        }

        return fonts;
    }
}
