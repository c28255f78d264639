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
            faults.AddRange(Recipe(parts, facts, recipe));

        if (facts.PemFiles is { } pem)
            faults.AddRange(Pem(parts, pem));

        return faults.Count > 0
            ? faults
            : [Verdict.Pass(Rung.Bytes, BundleReader.Container,
                $"{parts.Files.Count + parts.Originals.Count} members, complete, undamaged and as VERIFY.txt lists them")];
    }

    /// <summary>VERIFY.txt is derived from the other members: derived again, in the version that it names, it must be the same,
    /// or one of them has changed.</summary>
    private static IEnumerable<Verdict> Recipe(BundleParts parts, BundleFacts facts, ReadOnlyMemory<byte> recipe)
    {
        if (facts.Manifest is not { } manifest || facts.Anchor is not { } anchor || parts.OriginalItems.Any(i => i >= manifest.Items.Count))
        {
            yield return Verdict.Unknown(Rung.Bytes, BundleMembers.Recipe, "recipe-unjudged",
                "VERIFY.txt cannot be derived again, because the manifest or the anchor cannot be read");
            yield break;
        }

        var source = new RecipeSource(manifest, anchor, facts.Digests, parts.OriginalItems);
        var version = VerifyRecipe.VersionOf(recipe.Span);
        var expected = version is { } named ? VerifyRecipe.Text(named, source) : null;
        if (expected is not null && recipe.Span.SequenceEqual(Encoding.UTF8.GetBytes(expected)))
            yield break;

        // Since version 2 they are comments to the shell.
        var stated = Encoding.UTF8.GetString(recipe.Span).Split('\n').Select(l => l.TrimStart('#', ' ')).ToHashSet(StringComparer.Ordinal);
        foreach (var line in source.Sums().Where(l => !stated.Contains(l)))
        {
            var name = line[((2 * Digest.Size) + 2)..];
            yield return Verdict.Fail(Rung.Bytes, name, "digest-differs",
                $"{name} does not have the digest that VERIFY.txt states for it: one of the two was changed");
        }

        // Nobody can tell a recipe of the future from one that was changed, and what cannot be judged must not pass for whole.
        yield return expected is not null
            ? Verdict.Fail(Rung.Bytes, BundleMembers.Recipe, "recipe-differs", "VERIFY.txt is not the recipe of these members: it or one of them was changed")
            : Verdict.Fail(Rung.Bytes, BundleMembers.Recipe, "recipe-version", version is null
                ? "VERIFY.txt does not say in its first line which version of the recipe it is: it was changed, or it is not the platform's"
                : $"VERIFY.txt says that it is version {version} of the recipe, "
                    + $"and this verifier knows versions up to {VerifyRecipe.Version}: it was changed, or a newer verifier is needed");
    }

    private static IEnumerable<Verdict> Pem(BundleParts parts, IReadOnlyDictionary<string, byte[]> expected)
    {
        foreach (var name in expected.Keys.Union(parts.Files.Keys.Where(n => n.EndsWith(".pem", StringComparison.Ordinal))))
        {
            var same = expected.TryGetValue(name, out var derived) && parts.Files.TryGetValue(name, out var bytes) && bytes.Span.SequenceEqual(derived);
            if (!same && !(BundleMembers.Required.Contains(name) && !parts.Files.ContainsKey(name)))
                yield return Verdict.Fail(Rung.Bytes, name, "pem-differs", $"{name} is not what trust.json says");
        }
    }
}
