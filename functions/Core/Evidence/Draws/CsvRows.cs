using System.Buffers.Text;

namespace Notary.Evidence.Draws;

/// <summary>Writes rows of the form that all public tables of a draw have: no value needs quotes, commas between them, a line feed behind.</summary>
/// <param name="output">Where they go.</param>
/// <param name="hash">Takes all that is written, too.</param>
internal sealed class CsvRows(Stream output, IncrementalHash? hash = null)
{
    private const int FlushAt = 1 << 16;

    private readonly ArrayBufferWriter<byte> buffer = new(2 * FlushAt);
    private bool inRow;

    public void Text(string value) => Encoding.UTF8.GetBytes(value, Field());

    public void Bytes(ReadOnlySpan<byte> value) => Field().Write(value);

    public void Masked(ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        Bytes(PublicList.Unpack(value, bytes));
    }

    public void Hex(Digest value)
    {
        Span<byte> bytes = stackalloc byte[Digest.Size];
        value.CopyTo(bytes);
        Convert.TryToHexStringLower(bytes, Field().GetSpan(2 * Digest.Size), out var written);
        buffer.Advance(written);
    }

    public void Hex(UInt128 value)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        Convert.TryToHexStringLower(bytes, Field().GetSpan(32), out var written);
        buffer.Advance(written);
    }

    public void Number(long value)
    {
        Utf8Formatter.TryFormat(value, Field().GetSpan(20), out var written);
        buffer.Advance(written);
    }

    /// <summary>True when what was written should go out.</summary>
    public bool End()
    {
        buffer.Write("\n"u8);
        inRow = false;
        return buffer.WrittenCount >= FlushAt;
    }

    public async ValueTask FlushAsync(CancellationToken cancel)
    {
        hash?.AppendData(buffer.WrittenSpan);
        await output.WriteAsync(buffer.WrittenMemory, cancel);
        buffer.ResetWrittenCount();
    }

    private ArrayBufferWriter<byte> Field()
    {
        if (inRow)
            buffer.Write(","u8);

        inRow = true;
        return buffer;
    }
}
