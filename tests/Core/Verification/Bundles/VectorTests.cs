using System.Text.Encodings.Web;

namespace Notary.Verification.Tests;

/// <summary>The bundles of <c>vectors/</c>, for others who write a verifier, are judged as the list beside them says.</summary>
[TestClass]
public sealed class VectorTests
{
    // Makes them anew when this says "write": after a change of the formats.
    private const string How = "NOTARY_VECTORS";

    private static readonly JsonSerializerOptions Lines
        = new(JsonSerializerDefaults.Web) { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string Folder = Path.Combine(NodeForge.Folder, "..", "vectors");

    /// <param name="Bundle">Its file.</param>
    /// <param name="Trust">The reader's own trust file; null for none.</param>
    /// <param name="Now">What the verifier's clock shows, in milliseconds since 1970.</param>
    /// <param name="Outcome"><c>verified</c>, <c>failed</c> or <c>unjudged</c>.</param>
    /// <param name="Rungs">By rung what did not pass, as <c>mark code</c>; empty when all did.</param>
    private sealed record Vector(string Bundle, string? Trust, long Now, string Outcome, SortedDictionary<string, string> Rungs);

    [TestMethod]
    public async Task Published_bundles_are_judged_as_their_list_says()
    {
        if (Environment.GetEnvironmentVariable(How) == "write")
            await WriteAsync();

        var list = JsonSerializer.Deserialize<List<Vector>>(await File.ReadAllBytesAsync(Path.Combine(Folder, "vectors.json")), Lines)!;
        Assert.IsGreaterThan(10, list.Count);
        using var judges = new ForgeJudges();
        foreach (var v in list)
        {
            var trust = v.Trust is null ? null : await File.ReadAllBytesAsync(Path.Combine(Folder, v.Trust));
            var bundle = await File.ReadAllBytesAsync(Path.Combine(Folder, v.Bundle));
            var now = DateTimeOffset.FromUnixTimeMilliseconds(v.Now);
            var (outcome, rungs, text) = await judges.JudgeAsync(new Forgery(v.Bundle, bundle, trust, now, v.Outcome, v.Rungs));
            Assert.AreEqual(v.Outcome, outcome, $"{v.Bundle}\n{text}");
            CollectionAssert.AreEqual(v.Rungs, rungs, $"{v.Bundle}\n{text}");
        }
    }

    private static async Task WriteAsync()
    {
        var list = new List<Vector>();
        await foreach (var f in NodeForge.RunAsync(["--seed", "vectors", "--kinds", "vectors"]))
        {
            var name = $"{f.Kind.Split(' ')[1]}.evidence.zip";
            await File.WriteAllBytesAsync(Path.Combine(Folder, name), f.Bundle);
            if (f.Trust is not null)
                await File.WriteAllBytesAsync(Path.Combine(Folder, "trust.json"), f.Trust);

            list.Add(new Vector(name, f.Trust is null ? null : "trust.json", f.Now.ToUnixTimeMilliseconds(), f.Outcome, f.Rungs));
        }

        await File.WriteAllTextAsync(Path.Combine(Folder, "vectors.json"), JsonSerializer.Serialize(list, Lines) + "\n");
    }
}
