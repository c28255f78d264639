"""Makes NotoSans-Fallback.ttf: what NotoSansSC-Regular.ttf lacks and needs no shaping. Run in a folder with the npm packages
@expo-google-fonts/noto-sans 0.4.2, noto-sans-jp 0.4.3, noto-sans-hk 0.4.3 and noto-sans-kr 0.4.3 (SIL OFL 1.1) unpacked into
node_modules; needs python3-fonttools. Outlines alone are kept, composite ones taken apart, so that they can be renumbered."""
import pathlib
import sys
import unicodedata

from fontTools import merge, subset
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

HERE = pathlib.Path(__file__).parent


def han(c):
    return 0x2E80 <= c < 0xA000 or 0xF900 <= c < 0xFB00 or 0x20000 <= c < 0x40000


def hangul(c):
    return 0xAC00 <= c < 0xD7A4 or 0x3130 <= c < 0x3190 or han(c)


def alphabets(c):  # Latin, Greek, Cyrillic and their signs; Devanagari would need shaping
    return c < 0x2E00 and not 0x900 <= c < 0xE00 and unicodedata.category(chr(c))[0] in "LNPS"


def take(package, name, wanted, have):
    font = TTFont(f"node_modules/@expo-google-fonts/{package}/400Regular/{name}_400Regular.ttf")
    points = [c for c in font.getBestCmap() if c not in have and wanted(c)]
    have.update(points)
    options = subset.Options(hinting=False, layout_features=[], glyph_names=False, notdef_outline=True)
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "vhea", "vmtx", "VORG", "meta", "STAT", "gasp", "post"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=points)
    subsetter.subset(font)
    glyphs = font.getGlyphSet()
    for name in font.getGlyphOrder():
        if font["glyf"][name].isComposite():
            recording, pen = DecomposingRecordingPen(glyphs), TTGlyphPen(None)
            glyphs[name].draw(recording)
            recording.replay(pen)
            font["glyf"][name] = pen.glyph()
    out = f"{package}.part.ttf"
    font.save(out)
    return out


have = set(TTFont(HERE / "NotoSansSC-Regular.ttf").getBestCmap())
parts = [take("noto-sans-jp", "NotoSansJP", han, have), take("noto-sans-hk", "NotoSansHK", han, have),
         take("noto-sans-kr", "NotoSansKR", hangul, have), take("noto-sans", "NotoSans", alphabets, have)]
font = merge.Merger().merge(parts)
table = CmapSubtable.newSubtable(12)
table.platformID, table.platEncID, table.format, table.reserved, table.length, table.language, table.nGroups = 3, 10, 12, 0, 0, 0, 0
table.cmap = font.getBestCmap()
font["cmap"].tables = [table]
font.save(sys.argv[1] if len(sys.argv) > 1 else HERE / "NotoSans-Fallback.ttf")
print(len(table.cmap), "characters")
