namespace Notary.Verification.Letters;

/// <summary>Where a letter's signature is: the hexadecimal string Contents, delimiters included. All other bytes of the file are signed.</summary>
public readonly record struct SignatureSlot(int Start, int End)
{
    private static readonly SearchValues<byte> LowerHex = SearchValues.Create("0123456789abcdef"u8);

    /// <summary>Finds the one signature of a letter and checks that its ByteRange is the whole file but Contents.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public static SignatureSlot Find(ReadOnlyMemory<byte> pdf) => LetterPdf.Open(pdf).Slot;

    /// <summary>SHA-256 of the signed bytes.</summary>
    public Digest Digest(ReadOnlySpan<byte> pdf)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(pdf[..Start]);
        hash.AppendData(pdf[End..]);
        Span<byte> digest = stackalloc byte[Evidence.Digest.Size];
        hash.GetHashAndReset(digest);
        return new Digest(digest);
    }

    /// <summary>Whether nobody has signed yet.</summary>
    public bool IsEmpty(ReadOnlySpan<byte> pdf) => pdf[(Start + 1)..(End - 1)].IndexOfAnyExcept((byte)'0') < 0;

    /// <summary>A copy of the file with <paramref name="signature"/> (DER) in place.</summary>
    /// <exception cref="FaultException"><see cref="Fault.TokenInvalid"/> when it does not fit: only a token of unusual size makes it so large.</exception>
    public byte[] Fill(ReadOnlySpan<byte> pdf, ReadOnlySpan<byte> signature)
    {
        var room = (End - Start - 2) / 2;
        if (signature.Length > room)
            throw new FaultException(Fault.TokenInvalid, $"the signature with its time-stamp has {signature.Length} bytes, and the letter has room for {room}");

        var signed = pdf.ToArray();
        Encoding.ASCII.GetBytes(Convert.ToHexStringLower(signature), signed.AsSpan(Start + 1));
        return signed;
    }

    /// <summary>The signature's DER. Spelled one way only: lower-case digits, zeros after it.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    internal byte[] Read(ReadOnlySpan<byte> pdf)
    {
        var digits = pdf[(Start + 1)..(End - 1)];
        if (digits.Length % 2 != 0 || digits.ContainsAnyExcept(LowerHex))
            throw new FaultException(Fault.Malformed, "the signature is not in lower-case hexadecimal digits");

        var bytes = new byte[digits.Length / 2];
        Convert.FromHexString(digits, bytes, out _, out _);
        if (!AsnDecoder.TryReadEncodedValue(bytes, AsnEncodingRules.DER, out _, out _, out _, out var length)
            || bytes.AsSpan(length).ContainsAnyExcept((byte)0))
        {
            throw new FaultException(Fault.Malformed, "the signature is not one DER value followed by zeros");
        }

        return bytes[..length];
    }
}
