namespace Notary.Verification;

/// <summary>The content that the authority signed (RFC 3161 §2.4.2). Slices share the token's memory.</summary>
internal sealed record TstInfo(
    string Policy, string ImprintOid, ReadOnlyMemory<byte> Imprint, ReadOnlyMemory<byte> Serial,
    DateTimeOffset GenTime, TimeSpan? Accuracy, ReadOnlyMemory<byte>? Nonce, ReadOnlyMemory<byte>? Tsa)
{
    /// <summary>160 bits, the most that RFC 3161 §2.4.2 asks us to accommodate; a sign byte of zero comes on top.</summary>
    private const int MaxSerialBytes = 20;

    /// <summary>Ours are 16 bytes; anything much longer is a parser attack.</summary>
    private const int MaxNonceBytes = 64;

    private static readonly Asn1Tag Context0 = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag Context1 = new(TagClass.ContextSpecific, 1);
    private static readonly Asn1Tag Context0Constructed = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag Context1Constructed = new(TagClass.ContextSpecific, 1, isConstructed: true);

    /// <exception cref="BadTokenException">What is wrong with it.</exception>
    /// <exception cref="AsnContentException">Not DER, which §2.4.2 demands of the content even where CMS would allow BER.</exception>
    public static TstInfo Parse(ReadOnlyMemory<byte> der)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var info = outer.ReadSequence();
        outer.ThrowIfNotEmpty();

        if (!info.TryReadInt32(out var version) || version != 1)
            throw new BadTokenException(TokenCodes.Version, "the time-stamp information is not version 1");

        var policy = info.ReadObjectIdentifier();
        var imprint = info.ReadSequence();
        var imprintOid = AlgorithmIds.ReadHash(imprint);
        var hashed = ReadOctets(imprint);
        imprint.ThrowIfNotEmpty();

        var serial = info.ReadIntegerBytes();
        if (serial.Length - (serial.Span[0] == 0 ? 1 : 0) > MaxSerialBytes || (serial.Span[0] & 0x80) != 0)
            throw new BadTokenException(TokenCodes.Malformed, "the serial number is negative or longer than 160 bits");

        var genTime = ReadGenTime(info);
        var accuracy = Next(info, Asn1Tag.Sequence) ? ReadAccuracy(info) : (TimeSpan?)null;

        // DEFAULT FALSE: DER never writes the default, so a FALSE here is a second spelling of the same token.
        if (Next(info, Asn1Tag.Boolean) && !info.ReadBoolean())
            throw new BadTokenException(TokenCodes.Malformed, "the ordering field spells out its default");

        ReadOnlyMemory<byte>? nonce = null;
        if (Next(info, Asn1Tag.Integer))
        {
            nonce = info.ReadIntegerBytes();
            if (nonce.Value.Length > MaxNonceBytes)
                throw new BadTokenException(TokenCodes.Malformed, $"the nonce is longer than {MaxNonceBytes} bytes");
        }

        ReadOnlyMemory<byte>? tsa = null;
        if (Next(info, Context0Constructed))
        {
            var name = info.ReadSequence(Context0Constructed);
            tsa = name.ReadEncodedValue();
            name.ThrowIfNotEmpty();
        }

        if (Next(info, Context1Constructed))
            RefuseCriticalExtensions(info.ReadSequence(Context1Constructed));

        info.ThrowIfNotEmpty();
        return new TstInfo(policy, imprintOid, hashed, serial, genTime, accuracy, nonce, tsa);
    }

    internal static ReadOnlyMemory<byte> ReadOctets(AsnReader reader)
        => reader.TryReadPrimitiveOctetString(out var bytes) ? bytes : throw new AsnContentException("an octet string in pieces is not DER");

    private static bool Next(AsnReader reader, Asn1Tag tag) => reader.HasData && reader.PeekTag() == tag;

    /// <summary>The time to 100 ns; further digits, which no clock of ours could tell apart, are cut off.</summary>
    internal static DateTimeOffset ReadGenTime(AsnReader info)
    {
        // DER: UTC with a Z, seconds present, no trailing zero in the fraction (§2.4.2 and X.690 §11.7).
        try
        {
            var text = System.Text.Encoding.ASCII.GetString(info.PeekContentBytes().Span);
            info.ReadGeneralizedTime();

            // What the reader returns went through floating point: it makes .3439999 of .344, and a letter must say what the token says.
            var seconds = DateTime.ParseExact(text[..14], "yyyyMMddHHmmss", CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
            var fraction = text[14..^1].TrimStart('.').PadRight(7, '0')[..7];
            return new DateTimeOffset(seconds).AddTicks(long.Parse(fraction, CultureInfo.InvariantCulture));
        }
        catch (AsnContentException)
        {
            throw new BadTokenException(TokenCodes.GenTime, "the time is not a GeneralizedTime in UTC as RFC 3161 writes it");
        }
    }

    private static TimeSpan ReadAccuracy(AsnReader info)
    {
        const int MaxSeconds = 24 * 60 * 60; // a day: a wider accuracy says nothing and would overflow arithmetic on it
        var accuracy = info.ReadSequence();
        var seconds = 0;
        int millis = 0, micros = 0;
        if (Next(accuracy, Asn1Tag.Integer) && !(accuracy.TryReadInt32(out seconds) && seconds is >= 0 and <= MaxSeconds))
            throw new BadTokenException(TokenCodes.Malformed, "the accuracy's seconds are out of range");

        if (Next(accuracy, Context0) && !(accuracy.TryReadInt32(out millis, Context0) && millis is >= 1 and <= 999))
            throw new BadTokenException(TokenCodes.Malformed, "the accuracy's milliseconds are out of range");

        if (Next(accuracy, Context1) && !(accuracy.TryReadInt32(out micros, Context1) && micros is >= 1 and <= 999))
            throw new BadTokenException(TokenCodes.Malformed, "the accuracy's microseconds are out of range");

        accuracy.ThrowIfNotEmpty();
        return TimeSpan.FromSeconds(seconds) + TimeSpan.FromMilliseconds(millis) + TimeSpan.FromMicroseconds(micros);
    }

    private static void RefuseCriticalExtensions(AsnReader extensions)
    {
        while (extensions.HasData)
        {
            var extension = extensions.ReadSequence();
            extension.ReadObjectIdentifier();
            if (Next(extension, Asn1Tag.Boolean) && extension.ReadBoolean())
                throw new BadTokenException(TokenCodes.CriticalExtension, "the time-stamp information has a critical extension that is not known");

            ReadOctets(extension);
            extension.ThrowIfNotEmpty();
        }
    }
}
