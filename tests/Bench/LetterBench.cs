using Notary.Verification.Letters;

namespace Notary.Bench;

/// <summary>Rendered, signed and time-stamped letters, against pdfkit writing the same text unsigned.</summary>
internal static class LetterBench
{
    private const int Letters = 200;
    private const int PeerPages = 12;

    public static async Task<IReadOnlyList<Figure>> RunAsync()
    {
        await using var sample = await SampleEvidence.CreateAsync();
        var folder = Directory.CreateTempSubdirectory("notary-bench-").FullName;
        try
        {
            var letter = await sample.LetterAsync(facts => Another(facts, 0));
            var check = LetterVerifier.Check(letter, sample.Trust.LetterRoots, sample.Trust.Authorities);
            if (!check.Ok || check.Facts!.Number != Number(0))
                throw new InvalidOperationException($"the letter does not verify: {check.Reason}");

            // The peer writes the words that ours shows, page by page.
            var pdf = Path.Combine(folder, "letter.pdf");
            await File.WriteAllBytesAsync(pdf, letter);
            var text = Path.Combine(folder, "letter.txt");
            await Shell.RunAsync("pdftotext", "-layout", pdf, text);
            var pages = (await File.ReadAllTextAsync(text)).Split('\f', StringSplitOptions.RemoveEmptyEntries).Length;
            var font = Path.Combine(Repository.Root, "functions", "Core", "Letters", "Fonts", "NotoSansSC-Regular.ttf");

            return [await Pairs.MeasureAsync(
                "signed letters", "npm pdfkit with the same font and words, unsigned, untagged, without QR code, font file read once", 20, "letters/s",
                () => OursAsync(sample),
                () => NodePeer.RunAsync("letter.cjs", PeerPages.ToString(CultureInfo.InvariantCulture), font, text),
                $"one thread; rendered, QR code, subset, P-256 signature, token issued and parsed; {pages} page(s) of {letter.Length:#,0} bytes")];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<double> OursAsync(SampleEvidence sample)
    {
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < Letters; i++)
        {
            var number = i;
            if ((await sample.LetterAsync(facts => Another(facts, number))).Length < 5000)
                throw new InvalidOperationException("that is no letter");
        }

        return Letters / clock.Elapsed.TotalSeconds;
    }

    /// <summary>Letters of different deposits: nothing about one may serve another.</summary>
    private static LetterFacts Another(LetterFacts facts, int number) => facts with
    {
        Id = DepositId.New(TimeProvider.System),
        Number = Number(number),
        ManifestDigest = Digest.Of(BitConverter.GetBytes(number)),
        Items = [ManifestItem.Of($"合同第{number}号.pdf", 1000 + number, "application/pdf", Digest.Of(BitConverter.GetBytes(~number)))],
    };

    private static string Number(int number) => string.Create(CultureInfo.InvariantCulture, $"2026-{number:D6}");
}
