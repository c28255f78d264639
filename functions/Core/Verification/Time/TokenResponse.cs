using System.Diagnostics.CodeAnalysis;

namespace Notary.Verification;

/// <summary>A TimeStampResp (RFC 3161 §2.4.2): what an authority answers, and what a <c>.tsr</c> file holds.</summary>
/// <param name="Status">PKIStatus: 0 granted, 1 granted with modifications, 2 rejection, 3 waiting, 4 and 5 revocation.</param>
/// <param name="StatusText">The authority's words, printable and cut to 200 characters; empty when there are none.</param>
/// <param name="FailInfo">The PKIFailureInfo by name, such as "badAlg"; null when there is none.</param>
/// <param name="Token">The bare TimeStampToken, unverified; a slice of the parsed bytes.</param>
public sealed record TokenResponse(int Status, string StatusText, string? FailInfo, ReadOnlyMemory<byte>? Token)
{
    /// <summary>Bytes: a token's bound and room for the status. Longer replies only exhaust memory.</summary>
    public const int MaxBytes = TokenVerifier.MaxTokenBytes + 4096;

    private const int MaxTextLength = 200;

    private static readonly Dictionary<int, string> FailNames = new()
    {
        [0] = "badAlg",
        [2] = "badRequest",
        [5] = "badDataFormat",
        [14] = "timeNotAvailable",
        [15] = "unacceptedPolicy",
        [16] = "unacceptedExtension",
        [17] = "addInfoNotAvailable",
        [25] = "systemFailure",
    };

    /// <summary>Granted (0) or granted with modifications (1); any other status comes without a usable token.</summary>
    public bool IsGranted => Status is 0 or 1;

    /// <summary>Reads a whole response; nothing may follow it. The token is located, not judged.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> der, [NotNullWhen(true)] out TokenResponse? response, out string reason)
    {
        response = null;
        reason = "";
        if (der.Length > MaxBytes)
        {
            reason = $"the response is longer than {MaxBytes} bytes";
            return false;
        }

        try
        {
            response = Parse(der);
            return true;
        }
        catch (Exception e) when (e is AsnContentException or BadTokenException or ArgumentException)
        {
            reason = "the response is not the DER structure of RFC 3161";
            return false;
        }
    }

    /// <summary>Wraps a bare token as a granted response, the form in which <c>openssl ts -verify -in</c> reads it.</summary>
    public static byte[] Wrap(ReadOnlyMemory<byte> token)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteInteger(0);
            }

            writer.WriteEncodedValue(token.Span);
        }

        return writer.Encode();
    }

    /// <summary>Status, failure and words in one line for a log or a health page.</summary>
    public string Describe()
    {
        var text = new StringBuilder($"status {Status}");
        if (FailInfo is not null)
            text.Append(", ").Append(FailInfo);

        return StatusText.Length == 0 ? text.ToString() : text.Append(", \"").Append(StatusText).Append('"').ToString();
    }

    private static TokenResponse Parse(ReadOnlyMemory<byte> der)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var body = outer.ReadSequence();
        outer.ThrowIfNotEmpty();

        var statusInfo = body.ReadSequence();
        if (!statusInfo.TryReadInt32(out var status) || status is < 0 or > 5)
            throw new BadTokenException(TokenCodes.Malformed, "unknown status");

        var text = statusInfo.HasData && statusInfo.PeekTag() == Asn1Tag.Sequence ? ReadText(statusInfo.ReadSequence()) : "";
        var failure = statusInfo.HasData ? ReadFailure(statusInfo) : null;
        statusInfo.ThrowIfNotEmpty();

        ReadOnlyMemory<byte>? token = null;
        if (body.HasData)
            token = body.PeekTag() == Asn1Tag.Sequence ? body.ReadEncodedValue() : throw new AsnContentException("a token is a SEQUENCE");

        body.ThrowIfNotEmpty();
        return new TokenResponse(status, text, failure, token);
    }

    private static string ReadText(AsnReader freeText)
    {
        var text = new StringBuilder();
        while (freeText.HasData)
        {
            var part = freeText.ReadCharacterString(UniversalTagNumber.UTF8String);
            text.Append(text.Length == 0 ? "" : " ").Append(part.AsSpan(0, Math.Min(part.Length, MaxTextLength)));
        }

        // The words end up in logs and on pages: no control characters, which could forge lines there.
        var printable = text.ToString().Select(c => char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c);
        return new string([.. printable.Take(MaxTextLength)]);
    }

    private static string ReadFailure(AsnReader statusInfo)
    {
        var bits = statusInfo.ReadBitString(out _);
        for (var i = 0; i < bits.Length * 8; i++)
        {
            if ((bits[i / 8] & (0x80 >> (i % 8))) != 0)
                return FailNames.GetValueOrDefault(i, "unknown failure");
        }

        return "unknown failure";
    }
}
