using System.Formats.Asn1;

namespace Notary.Evidence;

/// <summary>The one spelling of an ECDSA signature as ASN.1 (RFC 3279 §2.2.3): a DER SEQUENCE of two positive INTEGERs.</summary>
public static class EcdsaDer
{
    /// <summary>Whether it is spelt so. Platforms read a negative number as if its sign bit belonged to it,
    /// and so take a signature that lacks a leading zero.</summary>
    public static bool IsStrict(ReadOnlySpan<byte> signature)
    {
        try
        {
            AsnDecoder.ReadSequence(signature, AsnEncodingRules.DER, out var start, out var length, out var used);
            var content = signature.Slice(start, length);
            return used == signature.Length && IsPositive(ref content) && IsPositive(ref content) && content.IsEmpty;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    private static bool IsPositive(ref ReadOnlySpan<byte> content)
    {
        var number = AsnDecoder.ReadIntegerBytes(content, AsnEncodingRules.DER, out var used);
        content = content[used..];
        return (number[0] & 0x80) == 0;
    }
}
