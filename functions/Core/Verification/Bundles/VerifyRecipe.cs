namespace Notary.Verification;

/// <summary>What a recipe is derived from.</summary>
/// <param name="Digests">Of every member but recipe and originals, by name.</param>
/// <param name="Originals">Items whose originals are in the bundle.</param>
internal sealed record RecipeSource(Manifest Manifest, AnchorProof Anchor, IReadOnlyDictionary<string, Digest> Digests, IReadOnlyList<int> Originals)
{
    /// <summary>The lines of <c>sha256sum</c>, in the order of the zip.</summary>
    public IEnumerable<string> Sums()
        => Digests.Select(f => (f.Key, Digest: f.Value))
            .Concat(Originals.Where(i => i < Manifest.Items.Count).Select(i => (Key: BundleMembers.Original(i), Digest: Manifest.Items[i].Sha256)))
            .OrderBy(f => BundleMembers.Order(f.Key))
            .Select(f => $"{f.Digest}  {f.Key}");
}

/// <summary>VERIFY.txt: a shell script, written to be read, by which a stranger checks a bundle with sha256sum, openssl and a node of the chain.</summary>
/// <remarks>
/// A function of the other members alone, so that a verifier derives it again and compares. Bundles are kept for decades: a
/// version that was ever handed out is frozen, byte for byte. Whoever improves the script adds a version and leaves the old one.
/// </remarks>
public static partial class VerifyRecipe
{
    /// <summary>The version that is written today; the first line of each recipe names its own.</summary>
    public const int Version = 2;

    /// <summary>The version that is written for batches, whose manifests version 2 does not know; the other is as good as ever for all else.</summary>
    public const int BatchVersion = 3;

    /// <summary>The version that is written for test deposits, batches or not: it judges no other, and says what they are.</summary>
    public const int TestVersion = 4;

    /// <summary>The newest there is.</summary>
    internal const int Newest = TestVersion;

    /// <summary>The version that is written today for such a manifest.</summary>
    public static int VersionFor(Manifest manifest) => manifest.Test ? TestVersion : manifest.Kind == BatchFormat.Kind ? BatchVersion : Version;

    /// <summary>What all recipes of today's version begin with: the whole script. The digests of a bundle's members follow.</summary>
    public static string Script { get; } = ReadScript("recipe-2.sh");

    /// <summary>The same of recipes of batches.</summary>
    public static string BatchScript { get; } = ReadScript("recipe-3.sh");

    /// <summary>The same of recipes of test deposits.</summary>
    public static string TestScript { get; } = ReadScript("recipe-4.sh");

    private static readonly byte[] ScriptBytes = Encoding.UTF8.GetBytes(Script), BatchScriptBytes = Encoding.UTF8.GetBytes(BatchScript),
        TestScriptBytes = Encoding.UTF8.GetBytes(TestScript);

    /// <summary>The version that a recipe says it is of, known or not; null when its first line names none.</summary>
    internal static int? VersionOf(ReadOnlySpan<byte> recipe)
    {
        var line = Encoding.Latin1.GetString(recipe[..Math.Min(recipe.Length, 64)]);
        return FirstLine().Match(line) is { Success: true } match ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : null;
    }

    /// <summary>The recipe in the given version, or null when there is no such version.</summary>
    internal static byte[]? Bytes(int version, RecipeSource source) => version switch
    {
        1 => Encoding.UTF8.GetBytes(Version1(source)),
        2 => WithSums(ScriptBytes, source),
        3 => WithSums(BatchScriptBytes, source),
        4 => WithSums(TestScriptBytes, source),
        _ => null,
    };

    [GeneratedRegex("^# notary-recipe/([1-9][0-9]{0,5}): ")]
    private static partial Regex FirstLine();

    // 1. The script, the same for every deposit, so that one published digest fits them all. 2. The digests that it reads.
    private static byte[] WithSums(byte[] script, RecipeSource source)
        => [.. script, .. Encoding.UTF8.GetBytes(string.Concat(source.Sums().Select(line => $"# {line}\n")))];

    private static string ReadScript(string name)
    {
        using var resource = typeof(VerifyRecipe).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(resource, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    internal static AnchorProof ReadAnchor(ReadOnlySpan<byte> json)
    {
        using var document = Jcs.ParseCanonical(json);
        return AnchorProof.Parse(document.RootElement);
    }
}
