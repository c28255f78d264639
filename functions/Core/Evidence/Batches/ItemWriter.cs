namespace Notary.Evidence.Batches;

/// <summary>Writes one item after the other in the canonical form, as <see cref="BatchItem.ToBytes"/> does; a test compares.</summary>
internal sealed class ItemWriter
{
    private static readonly SearchValues<byte> Escaped = SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(b => (byte)b), (byte)'"', (byte)'\\']);

    /// <summary>Of 32 bytes in base64url.</summary>
    private const int SaltCharacters = 43;

    private readonly ArrayBufferWriter<byte> output = new(BatchFormat.MaxItemBytes);

    public ReadOnlySpan<byte> Written => output.WrittenSpan;

    /// <summary>Begins an item; false when that is no digest. Either case is taken, as of all callers.</summary>
    public bool Begin(ReadOnlySpan<byte> sha256)
    {
        Span<byte> value = stackalloc byte[Digest.Size];
        if (sha256.Length != 2 * Digest.Size || Convert.FromHexString(sha256, value, out _, out _) != OperationStatus.Done)
            return false;

        output.ResetWrittenCount();
        output.Write("{\"digests\":{\"sha-256\":\""u8);
        Convert.TryToHexStringLower(value, output.GetSpan(2 * Digest.Size), out var written);
        output.Advance(written);
        output.Write("\"},\"format\":\"notary-item/1\""u8);
        return true;
    }

    public void Text(ReadOnlySpan<byte> name, ReadOnlySpan<byte> utf8)
    {
        output.Write(name);
        String(utf8);
    }

    public void Notes(List<KeyValuePair<string, string>> sorted)
    {
        var w = new JcsWriter(output);
        output.Write(",\"notes\":{"u8);
        for (var i = 0; i < sorted.Count; i++)
        {
            if (i > 0)
                output.Write(","u8);

            w.String(sorted[i].Key);
            output.Write(":"u8);
            w.String(sorted[i].Value);
        }

        output.Write("}"u8);
    }

    public void Salt(Digest salt)
    {
        Span<byte> bytes = stackalloc byte[Digest.Size];
        salt.CopyTo(bytes);
        output.Write(",\"salt\":\""u8);
        System.Buffers.Text.Base64Url.EncodeToUtf8(bytes, output.GetSpan(SaltCharacters), out _, out var written);
        output.Advance(written);
        output.Write("\""u8);
    }

    public void End(long size)
    {
        if (size >= 0)
        {
            output.Write(",\"size\":"u8);
            System.Buffers.Text.Utf8Formatter.TryFormat(size, output.GetSpan(20), out var written);
            output.Advance(written);
        }

        output.Write("}"u8);
    }

    private void String(ReadOnlySpan<byte> utf8)
    {
        if (utf8.ContainsAny(Escaped))
        {
            new JcsWriter(output).String(Encoding.UTF8.GetString(utf8));
            return;
        }

        output.Write("\""u8);
        output.Write(utf8);
        output.Write("\""u8);
    }
}
