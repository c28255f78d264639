using System.Text.Json.Nodes;

namespace Notary.Evidence.Ethereum;

/// <summary><see cref="AnchorProof"/> as JSON.</summary>
internal static class AnchorProofJson
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    // A proof's nodes are at most 17 hashes each and a receipt has a handful of logs; more is an attack on memory.
    private const int MaxNodes = 65;
    private const int MaxNodeBytes = 256 * 1024;

    private static readonly string[] Members =
    [
        "format", "chainId", "contract", "size", "root", "transactionHash", "transaction", "block", "blockHash", "blockTime", "header",
        "transactionIndex", "transactionProof", "receiptProof", "logIndex",
    ];

    public static JsonObject Write(AnchorProof proof) => new()
    {
        ["format"] = AnchorProof.Format,
        ["chainId"] = proof.ChainId,
        ["contract"] = proof.Contract,
        ["size"] = proof.Size,
        ["root"] = proof.Root.ToString(),
        ["transactionHash"] = proof.TransactionHash,
        ["transaction"] = Hex.Of(proof.Transaction),
        ["block"] = proof.Block,
        ["blockHash"] = proof.BlockHash,
        ["blockTime"] = proof.BlockTime.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture),
        ["header"] = Hex.Of(proof.Header),
        ["transactionIndex"] = proof.TransactionIndex,
        ["transactionProof"] = Nodes(proof.TransactionProof),
        ["receiptProof"] = Nodes(proof.ReceiptProof),
        ["logIndex"] = proof.LogIndex,
    };

    public static AnchorProof Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
            throw Bad("is a JSON object");

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in json.EnumerateObject())
        {
            if (!Members.Contains(member.Name, StringComparer.Ordinal) || !seen.Add(member.Name))
                throw Bad("has an unknown or repeated member");
        }

        if (seen.Count != Members.Length || Text(json, "format") != AnchorProof.Format)
            throw Bad($"has all of its members and the format {AnchorProof.Format}");

        return new AnchorProof(
            Number(json, "chainId", long.MaxValue),
            Lower(json, "contract", Address.Size),
            Number(json, "size", long.MaxValue),
            Digest.TryParse(Text(json, "root"), out var root) ? root : throw Bad("has a root of 64 lower-case digits"),
            Lower(json, "transactionHash", 32),
            Bytes(json.GetProperty("transaction")),
            Number(json, "block", long.MaxValue),
            Lower(json, "blockHash", 32),
            Time(Text(json, "blockTime")),
            Bytes(json.GetProperty("header")),
            (int)Number(json, "transactionIndex", int.MaxValue),
            List(json.GetProperty("transactionProof")),
            List(json.GetProperty("receiptProof")),
            (int)Number(json, "logIndex", int.MaxValue));
    }

    private static JsonArray Nodes(IReadOnlyList<byte[]> nodes) => [.. nodes.Select(n => (JsonNode)Hex.Of(n))];

    private static string Text(JsonElement json, string name)
        => json.GetProperty(name) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : throw Bad($"has text as {name}");

    // One spelling for what others compare as text.
    private static string Lower(JsonElement json, string name, int length)
        => Text(json, name) is var text && Hex.Of(Hex.Bytes(text, length)) == text ? text : throw Bad($"has lower-case digits as {name}");

    private static long Number(JsonElement json, string name, long max)
        => json.GetProperty(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var number) && number >= 0 && number <= max
            ? number
            : throw Bad($"has a whole number from 0 to {max} as {name}");

    private static byte[] Bytes(JsonElement value)
        => value.ValueKind == JsonValueKind.String && value.GetString()! is var text && !text.AsSpan().ContainsAnyInRange('A', 'F')
            && Hex.TryBytes(text, out var bytes) && bytes.Length <= MaxNodeBytes
            ? bytes
            : throw Bad($"has at most {MaxNodeBytes} bytes of hexadecimal data in lower case");

    private static byte[][] List(JsonElement value)
        => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= MaxNodes
            ? [.. value.EnumerateArray().Select(Bytes)]
            : throw Bad($"has proofs of at most {MaxNodes} nodes");

    private static DateTimeOffset Time(string text)
        => DateTimeOffset.TryParseExact(text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw Bad("has a time of whole seconds in UTC with Z");

    private static FaultException Bad(string why) => new(Fault.Malformed, "an anchor proof " + why);
}
