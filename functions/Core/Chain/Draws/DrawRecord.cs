using Azure;
using Nethereum.Hex.HexConvertors.Extensions;

namespace Notary.Chain.Draws;

/// <summary>What is recorded of a call: every variant ever signed, the newest last, and where it was last seen in a block.</summary>
internal sealed record DrawRecord(Digest DrawId, string Name, IReadOnlyList<AnchorVariant> Variants, string SeenIn, ETag ETag)
{
    // A property holds 32 Ki characters. The largest call, a publication that keeps 64 places, is signed in 2,460 bytes: 5,100 characters.
    // Each outbids the one before twofold, so six reach 32 times the first bid.
    public const int MaxVariants = 6;

    private const string VariantsName = "Variants";

    public AnchorVariant? Newest => Variants.Count == 0 ? null : Variants[^1];

    /// <summary>Whether the newest variant makes that call.</summary>
    public bool Makes(byte[] data) => Newest is not { } newest || DataOf(newest.Bytes).AsSpan().SequenceEqual(data);

    public static DrawRecord Read(TableEntity row) => new(
        Digest.TryParse(row.GetString(nameof(DrawId)), out var id) ? id : throw Broken(),
        row.GetString(nameof(Name)) ?? throw Broken(),
        JsonSerializer.Deserialize<AnchorVariant[]>(row.GetString(VariantsName) ?? throw Broken()) ?? throw Broken(),
        row.GetString(nameof(SeenIn)) ?? "",
        row.ETag);

    public TableEntity ToRow(string partition, string key) => new(partition, key)
    {
        { nameof(DrawId), DrawId.ToString() },
        { nameof(Name), Name },
        { VariantsName, JsonSerializer.Serialize(Variants) },
        { nameof(SeenIn), SeenIn },
    };

    private static byte[] DataOf(byte[] signed) => TransactionFactory.CreateTransaction(signed) switch
    {
        Transaction1559 t => t.Data.HexToByteArray(),
        LegacyTransactionChainId t => t.Data,
        var other => throw new InvalidOperationException($"no draw is sent as {other.GetType().Name}"),
    };

    private static FaultException Broken() => new(Fault.EvidenceInvalid, "a draw's row in table chain cannot be read");
}
