namespace Notary.Verification.Forensics;

/// <summary>A file's bytes in an array of the shared pool.</summary>
internal sealed class Rented : IDisposable
{
    private byte[] array = [];

    public ReadOnlyMemory<byte> Bytes { get; private set; }

    /// <summary>Reads at most a byte more than <paramref name="most"/>, which then tells that there is more.</summary>
    public void Fill(Stream from, int most, long expected)
    {
        array = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(expected, 0, most) + 1);
        var length = 0;
        for (int read; length <= most && (read = from.Read(array.AsSpan(length, Math.Min(array.Length, most + 1) - length))) > 0;)
        {
            length += read;
            if (length == array.Length && length <= most)
                Grow();
        }

        Bytes = array.AsMemory(0, length);
    }

    public void Dispose()
    {
        Bytes = default;
        ArrayPool<byte>.Shared.Return(array);
        array = [];
    }

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(2 * array.Length);
        array.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(array);
        array = larger;
    }
}
