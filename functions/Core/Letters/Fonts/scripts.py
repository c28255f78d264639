"""Makes NotoSans-Scripts.ttc.gz: a face for each script that is shaped, joined or stacked, and for what else neither NotoSansSC-Regular.ttf nor
NotoSans-Fallback.ttf has. Run in a folder into which Debian's fonts-noto-core 20201225-1 (SIL OFL 1.1) is unpacked (dpkg-deb -x); needs
python3-fonttools. Layout tables are kept, hints are not, composite outlines are taken apart, so that they can be renumbered."""
import gzip
import io
import pathlib
import sys
import unicodedata

from fontTools import subset
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

HERE = pathlib.Path(__file__).parent

# A character that several have is drawn by the first of them, unless the one before it stands in another.
FACES = """SansArabic SansHebrew SerifTibetan SansMongolian SansDevanagari SansThai SansBengali SansGurmukhi SansGujarati SansOriya SansTamil SansTelugu
SansKannada SansMalayalam SansSinhala SansLao SansMyanmar SansKhmer SansYi SansTaiLe SansNewTaiLue SansTaiTham SansLisu SansMiao SansPhagsPa
SansThaana SansSyriac SansEthiopic SansGeorgian SansArmenian""".split()

# What is not seen and yet changes its neighbours, and the circle on which a shaper sets a lone mark. No blank: HarfBuzz would set one for a joiner.
HELPERS = {0x200C, 0x200D, 0x25CC}
have = {c for name in ("NotoSansSC-Regular.ttf", "NotoSans-Fallback.ttf") for c in TTFont(HERE / name).getBestCmap()}


def wanted(name, c):
    return c in HELPERS or name == "SansMongolian" and (c == 0x202F or 0x180B <= c < 0x1810) or c not in have and unicodedata.category(chr(c))[0] in "LMNPS"


def take(name):
    font = TTFont(f"usr/share/fonts/truetype/noto/Noto{name}-Regular.ttf")
    assert font["head"].unitsPerEm == 1000
    options = subset.Options(hinting=False, glyph_names=False, notdef_outline=True, name_IDs=[], layout_closure=True)
    options.drop_tables += ["BASE", "DSIG", "STAT", "gasp", "meta", "post", "MATH"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[c for c in font.getBestCmap() if wanted(name, c)])
    subsetter.subset(font)
    glyphs = font.getGlyphSet()
    for glyph in font.getGlyphOrder():
        if font["glyf"][glyph].isComposite():
            recording, pen = DecomposingRecordingPen(glyphs), TTGlyphPen(None)
            glyphs[glyph].draw(recording)
            recording.replay(pen)
            font["glyf"][glyph] = pen.glyph()
    table = CmapSubtable.newSubtable(12)
    table.platformID, table.platEncID, table.format, table.reserved, table.length, table.language, table.nGroups = 3, 10, 12, 0, 0, 0, 0
    table.cmap = font.getBestCmap()
    font["cmap"].tables = [table]
    return font


collection = TTCollection()
collection.fonts = [take(name) for name in FACES]
plain = io.BytesIO()
collection.save(plain, shareTables=True)
out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "NotoSans-Scripts.ttc.gz"
out.write_bytes(gzip.compress(plain.getvalue(), mtime=0))
for name, font in zip(FACES, collection.fonts):
    print(name, len(font.getBestCmap()), "characters", font["maxp"].numGlyphs, "glyphs")
