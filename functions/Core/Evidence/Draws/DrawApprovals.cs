using System.Text.Json.Nodes;

namespace Notary.Evidence.Draws;

/// <summary><c>approvals.json</c> (docs/draw-format.md §10): who approved what of a draw.</summary>
/// <param name="DrawId">The draw's.</param>
/// <param name="RpId">The relying party at which the notaries signed: a domain of the office's pages.</param>
/// <param name="Approvals">Any order; the file has one.</param>
public sealed record DrawApprovals(Digest DrawId, string RpId, IReadOnlyList<DrawApproval> Approvals)
{
    /// <summary>Approvals of a draw: far more than an office has notaries for three steps.</summary>
    public const int Most = 100;

    /// <summary>Notaries that must approve a step, each with a key of his own.</summary>
    public const int Needed = 2;

    private const int MaxBytes = 1024 * 1024;

    /// <summary>Characters of a domain (RFC 1035 §2.3.4).</summary>
    private const int MaxRpId = 253;

    private const string File = "approvals.json";

    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public static DrawApprovals Parse(ReadOnlySpan<byte> bytes)
    {
        var all = DrawJson.Read(bytes, File, MaxBytes, Read, a => a.ToBytes());
        return all.Approvals.Count <= Most && all.RpId.Length is > 0 and <= MaxRpId
            ? all : throw DrawJson.Bad(File, "has too many approvals, or no relying party");
    }

    /// <summary>The canonical bytes, by step, time and notary.</summary>
    public byte[] ToBytes() => Jcs.Canonicalize(new JsonObject
    {
        ["spec"] = Domains.Spec,
        ["drawId"] = DrawId.ToString(),
        ["rpId"] = RpId,
        ["approvals"] = DrawJson.Array(
            Approvals.OrderBy(a => a.Step).ThenBy(a => a.At).ThenBy(a => a.Notary, StringComparer.Ordinal).Select(a => (JsonNode?)a.ToJson())),
    });

    /// <summary>The approvals of a step that hold, of exactly this digest.</summary>
    public IReadOnlyList<DrawApproval> Of(ApprovalStep step, Digest digest)
        => [.. Approvals.Where(a => a.Step == step && a.Digest == digest && a.Holds(DrawId, RpId))];

    /// <summary>Whether two different notaries have approved it with two different keys.</summary>
    public bool IsApproved(ApprovalStep step, Digest digest)
    {
        var all = Of(step, digest);
        return all.Any(a => all.Any(b => a.Notary != b.Notary && !a.Key.AsSpan().SequenceEqual(b.Key)));
    }

    private static DrawApprovals Read(JsonElement json) => new(
        DrawJson.Hash(json, "drawId"), DrawJson.Text(json, "rpId"), [.. json.GetProperty("approvals").EnumerateArray().Select(DrawApproval.Read)]);
}
