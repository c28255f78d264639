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

        if (facts.Trust is null && parts.Files.ContainsKey(BundleMembers.Trust))
            faults.Add(Verdict.Fail(Rung.Bytes, BundleMembers.Trust, "trust-malformed", $"trust.json is not a trust file: {facts.WhyNoTrust}"));

        faults.AddRange(Pem(parts, facts));
        return faults.Count > 0
            ? faults
            : [Verdict.Pass(Rung.Bytes, BundleReader.Container,
                $"{parts.Files.Count + parts.Originals.Count} members, complete, undamaged and as VERIFY.txt lists them")];
    }

    /// <summary>VERIFY.txt is derived from the other members: derived again, in the version that it names, it must be the same,
    /// or one of them has changed. What it lists is compared also when it cannot be derived.</summary>
    private static IEnumerable<Verdict> Recipe(BundleParts parts, BundleFacts facts, ReadOnlyMemory<byte> recipe)
    {
        var (version, expected) = (VerifyRecipe.VersionOf(recipe.Span), (byte[]?)null);
        // Version 1 has values of manifest and anchor in it, and what an original's digest is, the manifest says.
        var derivable = parts.OriginalItems.All(i => i < (facts.Manifest?.Items.Count ?? 0))
            && (version != 1 || (facts.Manifest is not null && facts.Anchor is not null));
        if (derivable && version is { } named)
            expected = VerifyRecipe.Bytes(named, new RecipeSource(facts.Manifest!, facts.Anchor!, facts.Digests, parts.OriginalItems));

        if (expected is not null && recipe.Span.SequenceEqual(expected))
            yield break;

        // Since version 2 they are comments to the shell.
        var stated = Encoding.UTF8.GetString(recipe.Span).Split('\n').Select(l => l.TrimStart('#', ' ')).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, digest) in Digests(parts, facts).Where(d => !stated.Contains($"{d.Digest}  {d.Name}")))
        {
            yield return Verdict.Fail(Rung.Bytes, name, "digest-differs",
                $"{name} does not have the digest that VERIFY.txt states for it: one of the two was changed");
        }

        if (!derivable)
        {
            yield return Verdict.Unknown(Rung.Bytes, BundleMembers.Recipe, "recipe-unjudged",
                "VERIFY.txt cannot be derived again, because the manifest or the anchor cannot be read; the digests that it lists were compared");
            yield break;
        }

        // Nobody can tell a recipe of the future from one that was changed, and what cannot be judged must not pass for whole.
        yield return expected is not null
            ? Verdict.Fail(Rung.Bytes, BundleMembers.Recipe, "recipe-differs", "VERIFY.txt is not the recipe of these members: it or one of them was changed")
            : Verdict.Fail(Rung.Bytes, BundleMembers.Recipe, "recipe-version", version is null
                ? "VERIFY.txt does not say in its first line which version of the recipe it is: it was changed, or it is not the platform's"
                : $"VERIFY.txt says that it is version {version} of the recipe, "
                    + $"and this verifier knows versions up to {VerifyRecipe.Newest}: it was changed, or a newer verifier is needed");
    }

    /// <summary>Every member with a digest that can be told: an original's is the manifest's.</summary>
    private static IEnumerable<(string Name, Digest Digest)> Digests(BundleParts parts, BundleFacts facts)
        => facts.Digests.Select(f => (Name: f.Key, Digest: f.Value))
            .Concat(parts.OriginalItems.Where(i => i < (facts.Manifest?.Items.Count ?? 0))
                .Select(i => (Name: BundleMembers.Original(i), Digest: facts.Manifest!.Items[i].Sha256)))
            .OrderBy(f => BundleMembers.Order(f.Name));

    private static IEnumerable<Verdict> Pem(BundleParts parts, BundleFacts facts)
    {
        var there = parts.Files.Keys.Where(n => n.EndsWith(".pem", StringComparison.Ordinal));
        if (facts.PemFiles is not { } expected)
        {
            foreach (var name in there)
                yield return Verdict.Unknown(Rung.Bytes, name, "pem-unjudged", $"{name} cannot be compared, because there are no trust roots that can be read");

            yield break;
        }

        var whose = facts.Trust is null ? "the trust file that was given says" : "trust.json says";
        foreach (var name in expected.Keys.Union(there))
        {
            var same = expected.TryGetValue(name, out var derived) && parts.Files.TryGetValue(name, out var bytes) && bytes.Span.SequenceEqual(derived);
            if (!same && !(BundleMembers.Required.Contains(name) && !parts.Files.ContainsKey(name)))
                yield return Verdict.Fail(Rung.Bytes, name, "pem-differs", $"{name} is not what {whose}");
        }
    }
}
