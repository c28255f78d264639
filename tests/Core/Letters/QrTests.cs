using Notary.Letters.Layout;
using QRCoder;

namespace Notary.Letters.Tests;

[TestClass]
public sealed class QrTests
{
    /// <summary>Paints the rectangles of the content stream back into modules and compares them with the encoder's.</summary>
    [TestMethod]
    [DataRow("https://notary.example/verify/019ab0c4-6f5b-7d3e-8a11-0123456789ab")]
    [DataRow("x")]
    public void The_rectangles_are_the_code(string text)
    {
        var canvas = new PageCanvas();
        Qr.Draw(canvas, text, 0, 0, 100);
        using var code = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        var size = code.ModuleMatrix.Count;
        var drawn = new bool[size, size];
        var stream = System.Text.Encoding.ASCII.GetString(canvas.Content.Span);
        foreach (var rectangle in stream[stream.IndexOf("cm\n", StringComparison.Ordinal)..].Split(" re "))
        {
            var numbers = rectangle.Replace("cm\n", "", StringComparison.Ordinal).Split(' ');
            if (numbers is [var x, var y, var width, "1"])
            {
                for (var i = 0; i < int.Parse(width, System.Globalization.CultureInfo.InvariantCulture); i++)
                {
                    Assert.IsFalse(drawn[size - 1 - int.Parse(y, System.Globalization.CultureInfo.InvariantCulture),
                        int.Parse(x, System.Globalization.CultureInfo.InvariantCulture) + i], "painted twice");
                    drawn[size - 1 - int.Parse(y, System.Globalization.CultureInfo.InvariantCulture),
                        int.Parse(x, System.Globalization.CultureInfo.InvariantCulture) + i] = true;
                }
            }
        }

        for (var row = 0; row < size; row++)
        {
            for (var column = 0; column < size; column++)
                Assert.AreEqual(code.ModuleMatrix[row][column], drawn[row, column], $"{row},{column}");
        }
    }
}
