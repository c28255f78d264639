using System.Buffers.Text;
using System.Text.Json.Nodes;

namespace Notary.Evidence.Batches;

/// <summary>One item of a batch: what its leaf is the hash of, and what a bundle discloses of the batch.</summary>
/// <param name="Sha256">Of the content that stayed with the depositor.</param>
/// <param name="Salt">32 bytes, this item's own: whoever sees the path of another item cannot find this one by guessing.</param>
public sealed record BatchItem(Digest Sha256, byte[] Salt)
{
    /// <summary>What the depositor calls it.</summary>
    public string? Name { get; init; }

    /// <summary>In bytes, when the depositor says it.</summary>
    public long? Size { get; init; }

    /// <summary>RFC 6838 type, when the depositor says it.</summary>
    public string? MediaType { get; init; }

    /// <summary>The depositor's own words.</summary>
    public IReadOnlyDictionary<string, string> Notes { get; init; } = new Dictionary<string, string>();

    /// <summary>The depositor's own name for the item, by which it is found again.</summary>
    public string? Reference { get; init; }

    /// <summary>The item as manifests describe one.</summary>
    public ManifestItem AsManifestItem() => ManifestItem.Of(Name ?? "", Size, MediaType ?? DefaultMediaType, Sha256);

    /// <summary>The canonical bytes; what was not said is not there.</summary>
    public byte[] ToBytes()
    {
        var members = new JsonObject
        {
            ["digests"] = new JsonObject { [Manifest.Sha256Name] = Sha256.ToString() },
            ["format"] = BatchFormat.Item,
            ["salt"] = Base64Url.EncodeToString(Salt),
        };
        if (Name is not null)
            members["name"] = Name;

        if (Size is { } size)
            members["size"] = size;

        if (MediaType is not null)
            members["mediaType"] = MediaType;

        if (Reference is not null)
            members["reference"] = Reference;

        if (Notes.Count > 0)
            members["notes"] = new JsonObject(Notes.Select(n => KeyValuePair.Create(n.Key, (JsonNode?)n.Value)));

        return Jcs.Canonicalize(members);
    }

    /// <summary>H(0x00‖item): the leaf of the batch's tree.</summary>
    public static Digest Leaf(ReadOnlySpan<byte> item) => Merkle.LeafHash(item);

    /// <summary>Reads an item, strictly: no other member, canonical bytes, every bound kept.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public static BatchItem Parse(ReadOnlySpan<byte> bytes)
    {
        Demand(bytes.Length <= BatchFormat.MaxItemBytes, "length");
        using var document = Jcs.ParseCanonical(bytes);
        var root = document.RootElement;
        Demand(root.ValueKind == JsonValueKind.Object, "form");
        foreach (var member in root.EnumerateObject())
            Demand(Members.Contains(member.Name), $"member {member.Name}");

        Demand(Text(root, "format") == BatchFormat.Item, "format");
        Demand(root.TryGetProperty("digests", out var digests) && digests.ValueKind == JsonValueKind.Object
            && digests.EnumerateObject().Count() == 1, "digests");
        Demand(Digest.TryParse(Text(digests, Manifest.Sha256Name), out var sha256), "digests");
        var salt = Text(root, "salt");
        Demand(salt is { Length: 43 } && Base64Url.IsValid(salt), "salt");
        var item = new BatchItem(sha256, Base64Url.DecodeFromChars(salt))
        {
            Name = Text(root, "name"),
            MediaType = Text(root, "mediaType"),
            Reference = Text(root, "reference"),
            Size = Number(root),
            Notes = Map(root),
        };
        Demand(item.Name is null || item.Name.Length <= Manifest.MaxNameLength, "name");
        Demand(item.MediaType is null || Encoding.UTF8.GetByteCount(item.MediaType) <= Manifest.MaxMediaTypeBytes, "mediaType");
        Demand(item.Reference is null or { Length: >= 1 and <= BatchFormat.MaxReferenceLength }, "reference");
        Demand(item.Size is null or (>= 0 and <= Manifest.MaxSize), "size");
        Demand(item.Notes.Count <= Manifest.MaxNotes && item.Notes.Keys.All(k => k.Length > 0)
            && item.Notes.Sum(n => Encoding.UTF8.GetByteCount(n.Key) + Encoding.UTF8.GetByteCount(n.Value)) <= BatchFormat.MaxNotesBytes, "notes");
        Demand(item.ToBytes().AsSpan().SequenceEqual(bytes), "spelling");
        return item;
    }

    internal static void Demand(bool holds, string what)
    {
        if (!holds)
            throw new FaultException(Fault.Malformed, $"the item's {what} is missing or not as the format asks");
    }

    private static readonly string[] Members = ["digests", "format", "mediaType", "name", "notes", "reference", "salt", "size"];

    private const string DefaultMediaType = "application/octet-stream";

    private static string? Text(JsonElement parent, string name)
    {
        if (!parent.TryGetProperty(name, out var e))
            return null;

        Demand(e.ValueKind == JsonValueKind.String, name);
        return e.GetString();
    }

    private static long? Number(JsonElement parent)
    {
        long value = 0;
        if (!parent.TryGetProperty("size", out var e))
            return null;

        Demand(e.ValueKind == JsonValueKind.Number && e.TryGetInt64(out value), "size");
        return value;
    }

    private static Dictionary<string, string> Map(JsonElement parent)
    {
        var notes = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!parent.TryGetProperty("notes", out var map))
            return notes;

        Demand(map.ValueKind == JsonValueKind.Object, "notes");
        foreach (var note in map.EnumerateObject())
        {
            Demand(note.Value.ValueKind == JsonValueKind.String, "notes");
            notes.Add(note.Name, note.Value.GetString()!);
        }

        return notes;
    }
}
