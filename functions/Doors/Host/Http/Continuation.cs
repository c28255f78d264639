using System.Buffers.Text;

namespace Notary.Host.Http;

/// <summary>Where a list goes on, as base64url: what a table says there holds characters that addresses do not.</summary>
internal static class Continuation
{
    private const int MaxLength = 4096;

    public static string? Write(string? token) => token is null ? null : Base64Url.EncodeToString(Encoding.UTF8.GetBytes(token));

    /// <exception cref="FaultException">Malformed.</exception>
    public static string? Read(string? text)
    {
        if (text is null)
            return null;

        try
        {
            return text.Length <= MaxLength ? Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)) : throw new FormatException();
        }
        catch (FormatException e)
        {
            throw new FaultException(Fault.Malformed, "continuation is not one of ours", e);
        }
    }
}
