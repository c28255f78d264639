using Notary.Servers;

namespace Notary.Cli.Tests;

/// <summary>Questions to the oracles, about genuine evidence.</summary>
internal sealed class Questions : IAsyncDisposable
{
    private readonly SampleEvidence sample;

    private Questions(SampleEvidence sample) => this.sample = sample;

    public static async Task<Questions> CreateAsync() => new(await SampleEvidence.CreateAsync());

    /// <summary>One good question of every kind, the same with the wrong value of one member, and the code that is due.</summary>
    public IEnumerable<(string Subject, JsonObject Good, string Member, JsonNode Bad, string Code)> All()
    {
        var (c, trust) = (sample.Contents, sample.Trust);
        var alpha = trust.Authorities[0];
        var token = c.Tokens.First(t => t.Authority == "alpha" && t.Over == TokenOver.Manifest).Token;
        var roots = new JsonArray([.. alpha.Roots.Select(r => (JsonNode)B64(r.RawData))]);
        yield return ("token", new JsonObject
        {
            ["token"] = B64(token.Span),
            ["data"] = B64(c.Manifest.Span),
            ["roots"] = roots.DeepClone(),
            ["policy"] = alpha.PolicyOid
        }, "data", B64([1]), "imprint");
        yield return ("token", new JsonObject
        {
            ["response"] = B64(TokenResponse.Wrap(token)),
            ["imprint"] = Digest.Of(c.Manifest.Span).ToString(),
            ["roots"] = roots.DeepClone()
        }, "response", B64(token.Span), "malformed");
        var leaf = Merkle.LeafHash(Digest.Of(c.Manifest.Span).ToArray());
        var proof = new JsonArray([.. c.Inclusion.Path.Select(p => (JsonNode)B64(p.ToArray()))]);
        var checkpoint = Checkpoint.Parse(c.Inclusion.CheckpointNote.Split("\n\n")[0] + "\n");
        yield return ("inclusion", new JsonObject
        {
            ["leafHash"] = B64(leaf.ToArray()),
            ["index"] = SampleEvidence.Index,
            ["size"] = checkpoint.Size,
            ["proof"] = proof.DeepClone(),
            ["root"] = B64(checkpoint.Root.ToArray())
        }, "index", 512, "not-included");
        yield return ("inclusion", new JsonObject
        {
            ["leaf"] = B64(Digest.Of(c.Manifest.Span).ToArray()),
            ["index"] = SampleEvidence.Index,
            ["size"] = checkpoint.Size,
            ["proof"] = proof.DeepClone(),
            ["root"] = checkpoint.Root.ToString()
        }, "size", 1, "not-included");
        Digest[] two = [Merkle.LeafHash("a"u8), Merkle.LeafHash("b"u8)];
        yield return ("consistency", new JsonObject
        {
            ["size1"] = 1,
            ["root1"] = two[0].ToString(),
            ["size2"] = 2,
            ["root2"] = Merkle.Root(two).ToString(),
            ["proof"] = new JsonArray(two[1].ToString())
        }, "root1", two[1].ToString(), "not-consistent");
        yield return ("checkpoint", new JsonObject
        {
            ["note"] = c.Inclusion.CheckpointNote,
            ["origin"] = SampleEvidence.Origin,
            ["key"] = B64(trust.LogKeySpki)
        }, "note", c.Inclusion.CheckpointNote.Replace("\n837\n", "\n838\n", StringComparison.Ordinal), "signature");
        var letterRoots = new JsonArray([.. trust.LetterRoots.Select(r => (JsonNode)B64(r.RawData))]);
        var authorities = new JsonArray(
            [.. trust.Authorities.Select(a => new JsonObject { ["name"] = a.Name,
                ["roots"] = new JsonArray([.. a.Roots.Select(r => (JsonNode)B64(r.RawData))]), ["policy"] = a.PolicyOid })]);
        yield return ("letter", new JsonObject { ["pdf"] = B64(c.Letter.Span), ["letterRoots"] = letterRoots, ["authorities"] = authorities },
            "letterRoots", roots.DeepClone(), "untrusted");
        yield return ("manifest", new JsonObject { ["manifest"] = B64(c.Manifest.Span) }, "manifest", B64("{}"u8), "malformed");
        yield return ("transaction", new JsonObject { ["transaction"] = B64(c.Anchor.Transaction) },
            "transaction", B64(c.Anchor.Transaction.AsSpan(..^1)), "malformed");
    }

    public ValueTask DisposeAsync() => sample.DisposeAsync();

    private static string B64(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes);
}
