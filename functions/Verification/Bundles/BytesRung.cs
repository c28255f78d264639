using System.Text;
using Notary.Evidence;

namespace Notary.Verification;

/// <summary>The container and its members: complete, undamaged, and in agreement with the recipe that lists their digests.</summary>
internal static class BytesRung
{
    public static IEnumerable<Verdict> Judge(BundleParts parts, BundleFacts facts)
    {
        var faults = new List<Verdict>(parts.Faults);
        faults.AddRange(BundleMembers.Required.Where(n => !parts.Files.ContainsKey(n) && !faults.Any(f => f.Subject == n))
            .Select(n => Verdict.Fail(Rung.Bytes, n, "member-missing", $"{n} is missing")));
        if (parts.Files.TryGetValue(BundleMembers.Recipe, out var recipe))
        {
            faults.AddRange(Recipe(parts, facts, recipe));
        }

        if (facts.PemFiles is { } pem)
        {
            faults.AddRange(Pem(parts, pem));
        }

        return faults.Count > 0
            ? faults
            : [Verdict.Pass(Rung.Bytes, BundleReader.Container, $"{parts.Files.Count + parts.Originals.Count} members, complete, undamaged and as VERIFY.txt lists them")];
    }

    /// <summary>VERIFY.txt is derived from the other members: derived again it must be the same, or one of them has changed.</summary>
    private static IEnumerable<Verdict> Recipe(BundleParts parts, BundleFacts facts, byte[] recipe)
    {
        if (facts.Manifest is not { } manifest || facts.Anchor is null || parts.OriginalItems.Any(i => i >= manifest.Items.Count))
        {
            yield return Verdict.Unknown(Rung.Bytes, BundleMembers.Recipe, "recipe-unjudged", "VERIFY.txt cannot be derived again, because the manifest or the anchor cannot be read");
            yield break;
        }

        if (recipe.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(VerifyRecipe.Text(parts.Files, parts.OriginalItems))))
        {
            yield break;
        }

        var stated = Encoding.UTF8.GetString(recipe).Split('\n').ToHashSet(StringComparer.Ordinal);
        foreach (var line in VerifyRecipe.Digests(parts.Files, manifest, parts.OriginalItems).Where(l => !stated.Contains(l)))
        {
            var name = line[((2 * Digest.Size) + 2)..];
            yield return Verdict.Fail(Rung.Bytes, name, "digest-differs", $"{name} does not have the digest that VERIFY.txt states for it: one of the two was changed");
        }

        yield return Verdict.Fail(Rung.Bytes, BundleMembers.Recipe, "recipe-differs", "VERIFY.txt is not the recipe of these members: it or one of them was changed");
    }

    private static IEnumerable<Verdict> Pem(BundleParts parts, IReadOnlyDictionary<string, byte[]> expected)
    {
        foreach (var name in expected.Keys.Union(parts.Files.Keys.Where(n => n.EndsWith(".pem", StringComparison.Ordinal))))
        {
            var same = expected.TryGetValue(name, out var derived) && parts.Files.TryGetValue(name, out var bytes) && bytes.AsSpan().SequenceEqual(derived);
            if (!same && !(BundleMembers.Required.Contains(name) && !parts.Files.ContainsKey(name)))
            {
                yield return Verdict.Fail(Rung.Bytes, name, "pem-differs", $"{name} is not what trust.json says");
            }
        }
    }
}
