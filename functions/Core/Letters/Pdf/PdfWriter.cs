namespace Notary.Letters.Pdf;

/// <summary>
/// A PDF 1.7 file (ISO 32000-1) in one revision: header, indirect objects, one cross-reference table, trailer.
/// A caller reserves object numbers, then writes each object once, in any order.
/// </summary>
/// <remarks>No clock and no randomness: equal calls give equal bytes, given the same version of zlib.</remarks>
internal sealed class PdfWriter : IDisposable
{
    private readonly PdfBuffer file;
    private readonly List<int> offsets = [0];
    private bool open;

    public PdfWriter(int capacity)
    {
        file = new PdfBuffer(capacity);

        // Four bytes above 127 tell transfer programs that the file is binary (§7.5.2).
        file.Add("%PDF-1.7\n%\u00e4\u00f6\n"u8);
    }

    /// <summary>Bytes written so far; the position of whatever is written next.</summary>
    public int Position => file.Length;

    /// <summary>A fresh object number.</summary>
    public int Reserve()
    {
        offsets.Add(0);
        return offsets.Count - 1;
    }

    /// <summary>Starts an object; the caller writes its value and calls <see cref="Close"/>.</summary>
    public PdfBuffer Open(int number)
    {
        if (open || offsets[number] != 0)
            throw new InvalidOperationException($"object {number} is written twice or inside another");

        open = true;
        offsets[number] = file.Length;
        return file.Int(number).Add(" 0 obj\n"u8);
    }

    /// <summary>The open object's bytes, to write on after asking for <see cref="Position"/>.</summary>
    public PdfBuffer Continue() => open ? file : throw new InvalidOperationException("no object is open");

    public void Close()
    {
        file.Add("\nendobj\n"u8);
        open = false;
    }

    /// <summary>A stream object. <paramref name="entries"/> are its dictionary's entries besides Length.</summary>
    public void Stream(int number, ReadOnlySpan<byte> entries, ReadOnlySpan<byte> data)
    {
        Open(number).Add("<< "u8).Add(entries).Add(" /Length "u8).Int(data.Length).Add(" >>\nstream\n"u8).Add(data).Add("\nendstream"u8);
        Close();
    }

    /// <summary>A stream compressed by FlateDecode.</summary>
    public void Compressed(int number, ReadOnlySpan<byte> entries, ReadOnlySpan<byte> data, CompressionLevel level = CompressionLevel.Fastest)
        => Deflated(number, entries, Deflate(data, level));

    /// <summary>A stream whose data <see cref="Deflate"/> has compressed before.</summary>
    public void Deflated(int number, ReadOnlySpan<byte> entries, ReadOnlySpan<byte> deflated)
    {
        Open(number).Add("<< "u8).Add(entries).Add(" /Filter /FlateDecode /Length "u8).Int(deflated.Length)
            .Add(" >>\nstream\n"u8).Add(deflated).Add("\nendstream"u8);
        Close();
    }

    public void Dispose() => file.Dispose();

    public static byte[] Deflate(ReadOnlySpan<byte> data, CompressionLevel level)
    {
        using var output = new MemoryStream(data.Length / 2);
        using (var zlib = new ZLibStream(output, level, leaveOpen: true))
        {
            zlib.Write(data);
        }

        return output.ToArray();
    }

    /// <summary>Writes the cross-reference table and the trailer. <paramref name="id"/>: 16 bytes that name the document (§14.4).</summary>
    public PdfBuffer Finish(int catalog, int info, ReadOnlySpan<byte> id)
    {
        var start = file.Length;
        file.Add("xref\n0 "u8).Int(offsets.Count).Add("\n0000000000 65535 f \n"u8);
        Span<byte> entry = stackalloc byte[20];
        for (var number = 1; number < offsets.Count; number++)
        {
            if (offsets[number] == 0)
                throw new InvalidOperationException($"object {number} was reserved and never written");

            "0000000000 00000 n \n"u8.CopyTo(entry);
            for (int i = 9, rest = offsets[number]; rest > 0; i--, rest /= 10)
                entry[i] = (byte)('0' + (rest % 10));

            file.Add(entry);
        }

        file.Add("trailer\n<< /Size "u8).Int(offsets.Count).Add(" /Root "u8).Ref(catalog).Add(" /Info "u8).Ref(info)
            .Add(" /ID ["u8).Hex(id).Hex(id).Add("] >>\nstartxref\n"u8).Int(start).Add("\n%%EOF\n"u8);
        return file;
    }
}
