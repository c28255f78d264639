using QRCoder;

namespace Notary.Letters;

/// <summary>A QR code (ISO/IEC 18004) drawn as rectangles, so it prints sharp at any size.</summary>
internal static class Qr
{
    /// <summary>Draws the code of <paramref name="text"/> into a square, with the standard's quiet zone of four modules inside it.</summary>
    public static void Draw(PageCanvas canvas, string text, double x, double y, double side)
    {
        // Level M (15 %): survives a stamp or a fold, and stays coarse enough for a phone.
        using var code = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        var modules = code.ModuleMatrix;
        var module = side / modules.Count;
        canvas.Content.Add("q "u8).Add("0 0 0 rg "u8).Precise(module).Add(" 0 0 "u8).Precise(module).Add(" "u8).Num(x).Add(" "u8).Num(y).Add(" cm\n"u8);
        for (var row = 0; row < modules.Count; row++)
        {
            var line = modules[row];
            for (var column = 0; column < line.Count; column++)
            {
                var first = column;
                while (column < line.Count && line[column])
                    column++;

                if (column > first)
                    canvas.Rectangle(first, modules.Count - 1 - row, column - first, 1);
            }
        }

        canvas.Content.Add("f Q\n"u8);
    }
}
