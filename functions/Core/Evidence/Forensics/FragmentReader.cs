namespace Notary.Evidence.Forensics;

/// <summary>Reads a fragmented mp4 frame by frame, also while it is written: ftyp, moov, then a moof and an mdat for each frame.</summary>
/// <remarks>
/// ffmpeg writes such a stream with <c>-movflags empty_moov+default_base_moof+frag_every_frame+skip_trailer</c>. One reader, one thread.
/// A stream that ends within a frame ends the reading; <see cref="IsTorn"/> then tells so.
/// </remarks>
public sealed class FragmentReader(Stream stream)
{
    /// <summary>Bytes of the first buffer: most frames of a screen are smaller.</summary>
    private const int FirstBuffer = 64 * 1024;

    private byte[] buffer = new byte[FirstBuffer];
    private int length;
    private FragmentHead? head;

    /// <summary>The stream ended within a box: what was read of it is not given out.</summary>
    public bool IsTorn { get; private set; }

    /// <summary>Reads ftyp and moov; null when the stream ends before both are whole.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public async ValueTask<FragmentHead?> ReadHeadAsync(CancellationToken cancel)
    {
        if (!await BoxAsync(ForensicsFormat.MaxHead, cancel) || !await BoxAsync(ForensicsFormat.MaxHead, cancel))
            return null;

        return head = FragmentHead.Parse(buffer.AsSpan(0, length).ToArray());
    }

    /// <summary>Reads the next frame; null when the stream has ended.</summary>
    /// <returns>Its memory is the reader's, and good until the next call.</returns>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    /// <exception cref="InvalidOperationException">The head was not read.</exception>
    public async ValueTask<Fragment?> ReadAsync(CancellationToken cancel)
    {
        var known = head ?? throw new InvalidOperationException("the head is read first");
        length = 0;
        if (!await BoxAsync(ForensicsFormat.MaxMoof, cancel) || !await BoxAsync(ForensicsFormat.MaxFrame, cancel))
            return null;

        ReadOnlyMemory<byte> bytes = buffer.AsMemory(0, length);
        return Fragment.Take(known, ref bytes);
    }

    /// <summary>Appends a whole box to the buffer.</summary>
    private async ValueTask<bool> BoxAsync(int most, CancellationToken cancel)
    {
        if (!await FillAsync(Boxes.Header, cancel))
            return false;

        var size = BinaryPrimitives.ReadUInt32BigEndian(buffer.AsSpan(length - Boxes.Header));
        if (size < Boxes.Header || size > most)
            throw Boxes.Bad($"a box of {size} bytes, where at most {most} are read");

        return await FillAsync((int)size - Boxes.Header, cancel);
    }

    private async ValueTask<bool> FillAsync(int count, CancellationToken cancel)
    {
        if (buffer.Length - length < count)
            Array.Resize(ref buffer, Math.Max(length + count, 2 * buffer.Length));

        var read = await stream.ReadAtLeastAsync(buffer.AsMemory(length, count), count, throwOnEndOfStream: false, cancel);
        IsTorn |= read < count && length + read > 0;
        length += read;
        return read == count;
    }
}
