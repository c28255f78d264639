using System.IO.Compression;
using Notary.Letters.Pdf;

namespace Notary.Letters.Tests.Pdf;

[TestClass]
public sealed class PdfWriterTests
{
    [TestMethod]
    [DataRow(0, "0")]
    [DataRow(12, "12")]
    [DataRow(-3.5, "-3.5")]
    [DataRow(0.126, "0.13")]
    [DataRow(0.04, "0.04")]
    [DataRow(-0.001, "0")]
    [DataRow(595.28, "595.28")]
    [DataRow(1e9, "1000000000")]
    public void Numbers_have_no_exponent_and_two_decimals(double value, string expected)
        => Assert.AreEqual(expected, Written(b => b.Num(value)));

    [TestMethod]
    public void Scales_have_four_decimals() => Assert.AreEqual("2.4571", Written(b => b.Precise(2.45711)));

    [TestMethod]
    public void Text_is_UTF_16_with_its_mark() => Assert.AreEqual("<feff5b580028d842dfb7>", Written(b => b.Text("存(𠮷")));

    [TestMethod]
    public void Bytes_are_lower_case_digits() => Assert.AreEqual("<00ff7f><0000>", Written(b => b.Hex([0, 0xff, 0x7f]).ZeroHex(2)));

    [TestMethod]
    public void A_buffer_grows_and_keeps_what_it_has()
    {
        using var buffer = new PdfBuffer(1);
        var expected = new StringBuilder();
        for (var i = 0; i < 5000; i++)
        {
            buffer.Int(i).Add(" "u8);
            expected.Append(i).Append(' ');
        }

        Assert.AreEqual(expected.ToString(), Encoding.ASCII.GetString(buffer.Span));
    }

    [TestMethod]
    public async Task A_small_file_is_sound()
    {
        var (code, output) = await Tool.RunAsync(Small(), "qpdf", "--check", "{}");
        Assert.AreEqual(0, code, output);
        (_, output) = await Tool.RunAsync(Small(), "qpdf", "--show-xref", "{}");
        Assert.AreEqual(5, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length, output);
        (code, output) = await Tool.RunAsync(Small(), "qpdf", "--show-object=5", "--filtered-stream-data", "{}");
        Assert.AreEqual((0, "0 0 m 10 10 l S"), (code, output));
    }

    [TestMethod]
    public void Equal_calls_give_equal_bytes() => CollectionAssert.AreEqual(Small(), Small());

    [TestMethod]
    public void Mistakes_of_the_caller_are_not_written()
    {
        using var pdf = new PdfWriter(100);
        var (first, second) = (pdf.Reserve(), pdf.Reserve());
        Assert.ThrowsExactly<InvalidOperationException>(() => pdf.Continue());
        pdf.Open(first);
        Assert.ThrowsExactly<InvalidOperationException>(() => pdf.Open(second), "one inside another");
        pdf.Close();
        Assert.ThrowsExactly<InvalidOperationException>(() => pdf.Open(first), "twice");
        Assert.ThrowsExactly<InvalidOperationException>(() => pdf.Finish(first, second, new byte[16]), "never written");
    }

    private static byte[] Small()
    {
        using var pdf = new PdfWriter(100);
        var (catalog, info, pages, page, content) = (pdf.Reserve(), pdf.Reserve(), pdf.Reserve(), pdf.Reserve(), pdf.Reserve());
        pdf.Compressed(content, default, "0 0 m 10 10 l S"u8, CompressionLevel.Optimal);
        pdf.Open(page).Add("<< /Type /Page /MediaBox [0 0 10 10] /Parent "u8).Ref(pages).Add(" /Contents "u8).Ref(content).Add(" >>"u8);
        pdf.Close();
        pdf.Open(pages).Add("<< /Type /Pages /Count 1 /Kids ["u8).Ref(page).Add("] >>"u8);
        pdf.Close();
        pdf.Open(info).Add("<< /Title "u8).Text("小").Add(" >>"u8);
        pdf.Close();
        pdf.Open(catalog).Add("<< /Type /Catalog /Pages "u8).Ref(pages).Add(" >>"u8);
        pdf.Close();
        return pdf.Finish(catalog, info, new byte[16]).ToArray();
    }

    private static string Written(Action<PdfBuffer> write)
    {
        using var buffer = new PdfBuffer(1);
        write(buffer);
        return Encoding.ASCII.GetString(buffer.Span);
    }
}
