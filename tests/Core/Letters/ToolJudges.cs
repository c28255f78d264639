namespace Notary.Letters.Tests;

/// <summary>What qpdf, MuPDF and Poppler say of a letter.</summary>
internal static class ToolJudges
{
    public static async Task AcceptAsync(byte[] pdf)
    {
        var (code, output) = await Tool.RunAsync(pdf, "qpdf", "--check", "{}");
        Assert.AreEqual(0, code, output);
        StringAssert.Contains(output, "No syntax or stream encoding errors found");
        Assert.IsFalse(output.Contains("WARNING", StringComparison.Ordinal), output);

        (code, output) = await Tool.RunAsync(pdf, "mutool", "info", "{}");
        AssertQuiet(code, output);

        // Draws every page to nowhere; complains about fonts and content it cannot make sense of.
        (code, output) = await Tool.RunAsync(pdf, "mutool", "draw", "-r", "20", "-F", "ppm", "-o", "/dev/null", "{}");
        AssertQuiet(code, output);

        (code, output) = await Tool.RunAsync(pdf, "pdffonts", "{}");
        Assert.AreEqual(0, code, output);
        var fonts = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[2..];
        Assert.IsGreaterThan(0, fonts.Length);
        foreach (var font in fonts)
        {
            // Embedded, subset, with a map to Unicode.
            StringAssert.Matches(font, new(@"^[A-Z]{6}\+NotoSansSC-Regular +CID TrueType +Identity-H +yes yes yes "));
        }
    }

    // Debian builds MuPDF without colour management and it says so on every run.
    private static void AssertQuiet(int code, string output)
    {
        Assert.AreEqual(0, code, output);
        var complaints = output.Replace("warning: ICC support is not available", "", StringComparison.Ordinal);
        Assert.IsFalse(complaints.Contains("warning", StringComparison.Ordinal) || complaints.Contains("error", StringComparison.Ordinal), output);
    }
}
