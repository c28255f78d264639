using System.Buffers.Text;
using static Notary.Evidence.ManifestRules;

namespace Notary.Evidence;

/// <summary>Bytes → <see cref="Manifest"/>; refuses whatever <see cref="Manifest.ToBytes"/> could not have written.</summary>
internal static class ManifestParser
{
    public static Manifest Parse(ReadOnlySpan<byte> bytes)
    {
        Require(bytes.Length <= Manifest.MaxBytes, "length");
        using var document = Jcs.ParseCanonical(bytes);
        var root = document.RootElement;
        var batch = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("itemCount", out _);
        string[] own = batch ? ["itemCount", "items", "itemsRoot"] : ["items"];
        var test = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("test", out _);
        Members(root, "manifest",
            ["depositor", "format", "id", .. own, "kind", "notBefore", "notes", "previous", "receivedAt", "salt", .. test ? ["test"] : (string[])[]]);
        Require(!test || root.GetProperty("test").ValueKind == JsonValueKind.True, "test");
        Require(String(root, "format") == Manifest.Format, "format");
        Require(DepositId.TryParse(String(root, "id"), out var id), "id");
        var manifest = new Manifest(
            id,
            String(root, "kind"),
            String(root, "depositor"),
            Time(String(root, "receivedAt")),
            Salt(String(root, "salt")),
            Items(root.GetProperty("items")),
            Head(root.GetProperty("notBefore")),
            Previous(root.GetProperty("previous")),
            Map(root.GetProperty("notes"), "notes"))
        {
            ItemCount = batch ? Integer(root.GetProperty("itemCount"), "itemCount") : null,
            ItemsRoot = batch ? Root(String(root, "itemsRoot")) : null,
            Test = test,
        };

        // Whatever the pieces let through, only bytes that we would write ourselves are a manifest.
        Require(manifest.ToBytes().AsSpan().SequenceEqual(bytes), "spelling");
        return manifest;
    }

    private static List<ManifestItem> Items(JsonElement items)
    {
        Require(items.ValueKind == JsonValueKind.Array && items.GetArrayLength() <= Manifest.MaxItems, "items");
        var list = new List<ManifestItem>(items.GetArrayLength());
        foreach (var item in items.EnumerateArray())
        {
            Members(item, "items", "digests", "mediaType", "name", "size");
            var size = item.GetProperty("size");
            list.Add(new ManifestItem(
                String(item, "name"),
                size.ValueKind == JsonValueKind.Null ? null : Integer(size, "size"),
                String(item, "mediaType"),
                Map(item.GetProperty("digests"), "digests")));
        }

        return list;
    }

    private static ChainHead? Head(JsonElement head)
    {
        if (head.ValueKind == JsonValueKind.Null)
            return null;

        Members(head, "notBefore", "block", "chainId", "hash");
        return new ChainHead(Integer(head.GetProperty("chainId"), "notBefore"), Integer(head.GetProperty("block"), "notBefore"), String(head, "hash"));
    }

    private static Digest? Previous(JsonElement previous)
    {
        if (previous.ValueKind == JsonValueKind.Null)
            return null;

        Require(previous.ValueKind == JsonValueKind.String, "previous");
        Require(Digest.TryParse(previous.GetString(), out var digest), "previous");
        return digest;
    }

    private static Digest Root(string text)
    {
        Require(Digest.TryParse(text, out var digest), "itemsRoot");
        return digest;
    }

    private static Dictionary<string, string> Map(JsonElement map, string member)
    {
        Require(map.ValueKind == JsonValueKind.Object, member);
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in map.EnumerateObject())
        {
            Require(entry.Value.ValueKind == JsonValueKind.String && result.Count <= Manifest.MaxNotes, member);
            result.Add(entry.Name, entry.Value.GetString()!);
        }

        return result;
    }

    private static DateTimeOffset Time(string text)
    {
        Require(DateTimeOffset.TryParseExact(text, Manifest.TimeFormat, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time), "receivedAt");
        return time;
    }

    private static byte[] Salt(string text)
    {
        Require(text.Length == 43 && Base64Url.IsValid(text), "salt");
        return Base64Url.DecodeFromChars(text);
    }

    private static long Integer(JsonElement e, string member)
    {
        long value = 0;
        Require(e.ValueKind == JsonValueKind.Number && e.TryGetInt64(out value), member);
        return value;
    }

    private static string String(JsonElement parent, string name)
    {
        var e = parent.GetProperty(name);
        Require(e.ValueKind == JsonValueKind.String, name);
        return e.GetString()!;
    }

    private static void Members(JsonElement e, string member, params ReadOnlySpan<string> sorted)
    {
        Require(e.ValueKind == JsonValueKind.Object, member);
        var i = 0;
        foreach (var found in e.EnumerateObject())
        {
            Require(i < sorted.Length && found.NameEquals(sorted[i]), i < sorted.Length ? sorted[i] : "list of members");
            i++;
        }

        Require(i == sorted.Length, i < sorted.Length ? sorted[i] : "list of members");
    }
}
