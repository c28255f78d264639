namespace Notary.Cli;

/// <summary>Does not take a server's word for it: a receipt is about what was sent.</summary>
internal static class ReceiptCheck
{
    /// <summary>What is wrong with a receipt; null when its manifest is about this one content and has the digest that it states.</summary>
    /// <param name="receipt">As the server gave it.</param>
    /// <param name="sha256">What was sent.</param>
    /// <param name="size">Bytes of it; null where nothing was said about them.</param>
    /// <param name="id">The deposit's id, as far as the receipt has one.</param>
    public static string? Mistake(JsonNode? receipt, Digest sha256, long? size, out string id)
    {
        id = "";
        try
        {
            var manifest = Manifest.Parse(Jcs.Canonicalize(receipt!["manifest"]));
            id = (string?)receipt["id"] ?? "";
            return manifest.Id.ToString() != id ? "it names another deposit than its manifest"
                : manifest.ToDigest().ToString() != (string?)receipt["manifestDigest"] ? "its manifest does not have the digest that it states"
                : manifest.Items is not [var item] || item.Sha256 != sha256 || item.Size != size ? "it is about another file than the one that was sent"
                : null;
        }
        catch (Exception e) when (e is FaultException or InvalidOperationException or FormatException or NullReferenceException)
        {
            return "it holds no manifest";
        }
    }
}
