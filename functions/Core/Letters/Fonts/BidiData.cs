namespace Notary.Letters.Fonts;

/// <summary>Properties of the characters that letters draw (Unicode 15.0). Made by bidi.py.</summary>
internal static partial class Bidi
{
    /// <summary>Characters in this many places at the start of <see cref="Mirrored"/> are brackets (BidiBrackets.txt).</summary>
    private const int PairedLength = 52;

    /// <summary>Each followed or preceded by its mirror (BidiMirroring.txt).</summary>
    private const string Mirrored = "()[]{}༺༻༼༽⁅⁆⁽⁾₍₎〈〉〈〉《》「」『』【】〔〕〖〗〘〙〚〛﹙﹚﹛﹜﹝﹞（）［］｛｝｟｠｢｣<>«»‹›∈∋≅≌≤≥≦≧≪≫≮≯" +
        "≲≳≶≷⊂⊃⊄⊅⊆⊇⊊⊋⋚⋛﹤﹥＜＞";

    private static (Kind Kind, string Ranges)[] Classes =>
    [
        (Kind.R, "5BE-5F4 FB1D-FB28 FB2A-FB4F"),
        (Kind.AL, "608 60B 60D 61B-64A 66D-6D5 6E5-6E6 6EE-6EF 6FA-8BE FB50-FD3D FD50-FDFC FE70-FEFC"),
        (Kind.AN, "660-669 66B-66C"),
        (Kind.EN, "30-39 B2-B3 B9 6F0-6F9 2070 2074-2079 2080-2089 2488-249B FF10-FF19 1F100-1F10A"),
        (Kind.ES, "2B 2D 207A-207B 208A-208B 2212 FB29 FE62-FE63 FF0B FF0D"),
        (Kind.ET, "23-25 A2-A5 B0-B1 58F 609-60A 66A 9F2-9F3 9FB AF1 BF9 E3F 17DB 2030-2034 20A0-20C0 212E 2213 A838-A839 FE5F FE69-FE6A FF03-FF05 FF" +
        "E0-FFE1 FFE5-FFE6"),
        (Kind.CS, "2C 2E-2F 3A A0 60C 202F 2044 FE50 FE52 FE55 FF0C FF0E-FF0F FF1A"),
        (Kind.ON, "BB-BF 2B9-2BA 2C2-2CF 2E5-2ED 374-375 C78-C7E 17F0-180A 2150-215F 2189-2211 2215-2487 24EA-2B95 3250-325F 32B1-32BF 1F10B-1F10C"),
        (Kind.L, "3F7-589 903-9F1 9F4-9FA 9FC-AF0 AF9-BF2 C01-C77 C7F-E33 E40-F38 F3E-138F 1780-17DA 1A20-1FBC 214E-214F 249C-24E9 30FC-31BB 31F0-32" +
        "1C 3220-324F 3260-327B 327F-32B0 32C0-32CB 32D0-3376 337B-33DD 33E0-33FE A4D0-A837 A8F2-FB17 1F110-1F12E 1F130-1F169 1F170-2F9F4"),
    ];
}
