using System.IO.Compression;
using Notary.Verification;

namespace Notary.Bench;

/// <summary>Whole bundles judged in process, against the stock tools started once for each bundle.</summary>
internal static class BundleBench
{
    private const int Bundles = 1000;
    private const int PeerBundles = 40;

    /// <summary>Three programs a bundle and no more: the tool's start is its cost, so nothing else is started.</summary>
    private const string Script = """
        set -eu
        cd "$1"
        for i in $(seq "$2"); do
          sha256sum --check --quiet --strict sums
          openssl ts -verify -in tokens/manifest-alpha.tsr -data manifest.json -CAfile trust/tsa-alpha.pem >/dev/null 2>&1
          pdfsig -nocert letter.pdf > signatures
        done
        grep -q 'Signature is Valid' signatures
        """;

    public static async Task<IReadOnlyList<Figure>> RunAsync()
    {
        await using var sample = await SampleEvidence.CreateAsync();
        var folder = Directory.CreateTempSubdirectory("notary-bench-").FullName;
        try
        {
            var bundle = await sample.BundleAsync();
            using var verifier = new BundleVerifier(sample.Trust);
            await DemandJudgementAsync(verifier, sample, bundle);

            using (var zip = new ZipArchive(new MemoryStream(bundle)))
            {
                zip.ExtractToDirectory(folder);
            }

            var recipe = await File.ReadAllLinesAsync(Path.Combine(folder, BundleMembersRecipe));
            var sums = recipe.SkipWhile(line => line != "# MEMBERS").Skip(1).Select(line => line[2..]);
            await File.WriteAllLinesAsync(Path.Combine(folder, "sums"), sums);

            return [await Pairs.MeasureAsync(
                "bundles verified", "one shell that starts sha256sum, openssl ts -verify and pdfsig -nocert for each (one token of four; "
                    + "no inclusion, checkpoint or chain)", 25, "bundles/s",
                () => OursAsync(verifier, bundle),
                () => PeerAsync(folder),
                $"one thread; whole ladder offline under pinned roots, {bundle.Length:#,0} bytes with the original")];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private const string BundleMembersRecipe = "VERIFY.txt";

    private static async Task<double> OursAsync(BundleVerifier verifier, byte[] bundle)
    {
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < Bundles; i++)
        {
            if (await JudgeAsync(verifier, bundle) != Outcome.Verified)
                throw new InvalidOperationException("the bundle does not verify");
        }

        return Bundles / clock.Elapsed.TotalSeconds;
    }

    private static async Task<double> PeerAsync(string folder)
    {
        var clock = Stopwatch.StartNew();
        await Shell.RunAsync("sh", "-c", Script, "sh", folder, PeerBundles.ToString(CultureInfo.InvariantCulture));
        return PeerBundles / clock.Elapsed.TotalSeconds;
    }

    /// <summary>A fast judge is worth nothing unless it tells a good bundle from a bad one.</summary>
    private static async Task DemandJudgementAsync(BundleVerifier verifier, SampleEvidence sample, byte[] bundle)
    {
        var letter = sample.Contents.Letter.ToArray();
        letter[letter.Length / 3] ^= 1;
        var bad = await sample.BundleAsync(contents: sample.Contents with { Letter = letter });
        if (await JudgeAsync(verifier, bundle) != Outcome.Verified || await JudgeAsync(verifier, bad) != Outcome.Failed)
            throw new InvalidOperationException("the verifier judges wrongly");
    }

    private static async Task<Outcome> JudgeAsync(BundleVerifier verifier, byte[] bundle)
    {
        using var stream = new MemoryStream(bundle, writable: false);
        return (await verifier.VerifyAsync(stream, new BundleQuestion(), default)).Outcome;
    }
}
