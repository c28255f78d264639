namespace Notary.Evidence;

/// <summary>RFC 4648 §4 in its one spelling: the runtime's decoder lets white space and stray low bits pass, so a changed byte could go unnoticed.</summary>
internal static class Base64
{
    public static bool TryDecode(string text, out byte[] bytes)
    {
        bytes = new byte[(text.Length / 4 * 3) + 3];
        if (text.Length % 4 != 0 || !Convert.TryFromBase64String(text, bytes, out var length))
            return false;

        bytes = bytes[..length];
        return Convert.ToBase64String(bytes) == text;
    }
}
