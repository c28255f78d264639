using System.Text.Json.Serialization;
using Azure;

namespace Notary.Chain;

/// <summary>One signed transaction that was, or may have been, broadcast.</summary>
/// <param name="Nonce">Its nonce.</param>
/// <param name="Hash"><c>0x…</c>.</param>
/// <param name="Signed">Its bytes.</param>
/// <param name="AtBlock">The head when it was signed: from there the blocks are counted that pass it by.</param>
internal sealed record AnchorVariant(long Nonce, string Hash, string Signed, long AtBlock)
{
    [JsonIgnore]
    public byte[] Bytes => Hex.Bytes(Signed);

    public static AnchorVariant Of(byte[] signed, long nonce, long atBlock) => new(nonce, NodeRlp.Hash(signed), Hex.Of(signed), atBlock);
}

/// <summary>What is recorded of an anchor: every variant ever signed, the newest last, and where it was last seen in a block.</summary>
internal sealed record AnchorRecord(long Size, Digest Root, IReadOnlyList<AnchorVariant> Variants, string SeenIn, ETag ETag)
{
    // A property holds 32 Ki characters and a variant takes some 600. Raising by an eighth forty times multiplies a bid by
    // a hundred, far past any cap.
    public const int MaxVariants = 40;

    private const string VariantsName = "Variants";

    /// <summary>What was signed for an earlier contract: one of them may be the anchor.</summary>
    public IReadOnlyList<AnchorVariant> Former { get; init; } = [];

    public AnchorVariant? Newest => Variants.Count == 0 ? null : Variants[^1];

    public static AnchorRecord Read(TableEntity row) => new(
        row.GetInt64(nameof(Size)) ?? throw Broken(),
        Digest.TryParse(row.GetString(nameof(Root)), out var root) ? root : throw Broken(),
        JsonSerializer.Deserialize<AnchorVariant[]>(row.GetString(VariantsName) ?? throw Broken()) ?? throw Broken(),
        row.GetString(nameof(SeenIn)) ?? "",
        row.ETag);

    public TableEntity ToRow(string partition, string key)
    {
        var row = new TableEntity(partition, key);
        row.Add(nameof(Size), Size);
        row.Add(nameof(Root), Root.ToString());
        row.Add(VariantsName, JsonSerializer.Serialize(Variants));
        row.Add(nameof(SeenIn), SeenIn);
        return row;
    }

    private static FaultException Broken() => new(Fault.EvidenceInvalid, "an anchor's row in table chain cannot be read");
}
