"""Makes BidiData.cs: bidirectional classes (UAX #44) of the characters that the three fonts draw, where their category does not tell, and mirrored
pairs. Run in a folder into which Debian's unicode-data 15.0.0-1 is unpacked (dpkg-deb -x); needs python3-fonttools."""
import gzip
import pathlib
import unicodedata

from fontTools.ttLib import TTCollection, TTFont

HERE = pathlib.Path(__file__).parent
UNICODE = pathlib.Path("usr/share/unicode")
fonts = [TTFont(HERE / "NotoSansSC-Regular.ttf"), TTFont(HERE / "NotoSans-Fallback.ttf"), *TTCollection(gzip.open(HERE / "NotoSans-Scripts.ttc.gz")).fonts]
drawn = {c for font in fonts for c in font.getBestCmap()}
rows = [line.split(";") for line in (UNICODE / "UnicodeData.txt").read_text().splitlines()]
classes = {int(row[0], 16): (row[4], row[2]) for row in rows if "First>" not in row[1] and "Last>" not in row[1]}
kinds = {c: k for c, (k, category) in classes.items() if c in drawn and category not in ("Mn", "Me", "Cf")}


def told(c):  # what the category tells; see Bidi.Of
    return "ON" if unicodedata.category(chr(c))[0] in "PSZ" else "L"


def same(c, kind):
    return {"WS": "ON", "B": "ON", "S": "ON", "BN": "ON"}.get(kinds[c], kinds[c]) == kind


def ranges(kind):
    runs, points = [], sorted(kinds)
    for i, c in enumerate(points):
        if not same(c, kind) or runs and runs[-1][1] >= c:
            continue
        last = c
        for d in points[i:]:
            if not same(d, kind):
                break
            last = d
        if any(told(d) != kind for d in points[i:] if d <= last):
            runs.append((c, last))
    return " ".join(f"{a:X}-{b:X}" if a != b else f"{a:X}" for a, b in runs)


def pairs(name):
    for line in (UNICODE / name).read_text().splitlines():
        fields = [f.strip() for f in line.split("#")[0].split(";")]
        if len(fields) > 1 and fields[-1] != "c" and {int(f, 16) for f in fields[:2]} <= drawn:
            yield chr(int(fields[0], 16)) + chr(int(fields[1], 16))


def literal(text, indent, width=130):
    parts = [text[i:i + width] for i in range(0, len(text), width)]
    return (" +\n" + " " * indent).join('"' + p.replace("\\", "\\\\") + '"' for p in parts)


brackets = list(dict.fromkeys(pairs("BidiBrackets.txt")))
mirrored = [p for p in dict.fromkeys(pairs("BidiMirroring.txt")) if p[0] < p[1] and p not in brackets]
mirrored = [p for p in mirrored if sum(p[0] in q or p[1] in q for q in brackets + mirrored) == 1]
kinds_text = ",\n".join(f"        (Kind.{k}, {literal(ranges(k), 8)})" for k in ("R", "AL", "AN", "EN", "ES", "ET", "CS", "ON", "L"))
(HERE / "BidiData.cs").write_text(f'''namespace Notary.Letters.Fonts;

/// <summary>Properties of the characters that letters draw (Unicode 15.0). Made by bidi.py.</summary>
internal static partial class Bidi
{{
    /// <summary>Characters in this many places at the start of <see cref="Mirrored"/> are brackets (BidiBrackets.txt).</summary>
    private const int PairedLength = {2 * len(brackets)};

    /// <summary>Each followed or preceded by its mirror (BidiMirroring.txt).</summary>
    private const string Mirrored = {literal("".join(brackets + mirrored), 8, 70)};

    private static (Kind Kind, string Ranges)[] Classes =>
    [
{kinds_text},
    ];
}}
''')
