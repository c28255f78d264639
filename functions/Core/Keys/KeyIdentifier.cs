using System.Diagnostics.CodeAnalysis;

namespace Notary.Keys;

/// <summary>Reads a key's address, <c>https://vault/keys/name/version</c>.</summary>
internal static class KeyIdentifier
{
    public static bool TryParse(string id, [NotNullWhen(true)] out string? name, [NotNullWhen(true)] out string? version)
    {
        (name, version) = Uri.TryCreate(id, UriKind.Absolute, out var uri)
            && uri.AbsolutePath.Split('/') is ["", "keys", var first, var second] && IsPlain(first) && IsPlain(second)
            ? (first, second)
            : (null, null);
        return name is not null && version is not null;
    }

    /// <summary>The vault's rule for names; also keeps a name from becoming another path.</summary>
    public static bool IsPlain(string part)
        => part.Length is > 0 and <= 127 && part.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
}
