namespace Notary.Evidence;

/// <summary>The bounds of a manifest's fields, applied when it is written and when it is read.</summary>
internal static class ManifestRules
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public static void Check(Manifest m)
    {
        Require(Manifest.Kinds.Contains(m.Kind), "kind");
        Require(Did.IsValid(m.Depositor), "depositor");
        Require(m.Salt is { Length: Manifest.SaltBytes }, "salt");
        Require(m.Items.Count is >= 1 and <= Manifest.MaxItems, "items");
        for (var i = 0; i < m.Items.Count; i++)
            Item(m.Items[i], $"items[{i}]");

        // A batch lists one thing, the file of its items; what that holds is under the root.
        var batch = m.Kind == Batches.BatchFormat.Kind;
        Require(batch ? m.ItemCount is >= 1 and <= Batches.BatchFormat.MaxItems && m.Items.Count == 1 : m.ItemCount is null, "itemCount");
        Require(m.ItemsRoot is not null == batch, "itemsRoot");

        if (m.NotBefore is { } head)
        {
            Require(head.ChainId is >= 0 and <= Manifest.MaxSize, "notBefore.chainId");
            Require(head.Block is >= 0 and <= Manifest.MaxSize, "notBefore.block");
            Require(head.Hash.StartsWith("0x", StringComparison.Ordinal) && Hex(head.Hash[2..], 64), "notBefore.hash");
        }

        Require(m.Notes.Count <= Manifest.MaxNotes, "notes");
        var left = Manifest.MaxNotesBytes;
        foreach (var (name, text) in m.Notes)
        {
            left -= Text(name, 1, left, "notes");
            left -= Text(text, 0, left, "notes");
        }
    }

    public static void Require(bool condition, string member)
    {
        if (!condition)
            throw new FaultException(Fault.Malformed, $"the manifest's {member} is missing or not as the format asks");
    }

    private static void Item(ManifestItem item, string at)
    {
        Text(item.Name, 0, int.MaxValue, at + ".name");
        Require(item.Name.Length <= Manifest.MaxNameLength, at + ".name");
        Require(item.Size is null or (>= 0 and <= Manifest.MaxSize), at + ".size");
        Text(item.MediaType, 0, Manifest.MaxMediaTypeBytes, at + ".mediaType");
        Require(item.Digests.ContainsKey(Manifest.Sha256Name), at + ".digests");
        foreach (var (algorithm, value) in item.Digests)
            Require(algorithm switch { Manifest.Sha256Name or "sm3" => Hex(value, 64), "sha-512" => Hex(value, 128), _ => false }, at + ".digests");
    }

    private static bool Hex(string text, int length)
        => text.Length == length && text.All(c => c is (>= '0' and <= '9') or (>= 'a' and <= 'f'));

    private static int Text(string text, int min, int maxBytes, string member)
    {
        try
        {
            Require(text is not null && Strict.GetByteCount(text) is var bytes && bytes >= min && bytes <= maxBytes, member);
            return Strict.GetByteCount(text!);
        }
        catch (EncoderFallbackException e)
        {
            throw new FaultException(Fault.Malformed, $"the manifest's {member} holds a lone surrogate", e);
        }
    }
}
