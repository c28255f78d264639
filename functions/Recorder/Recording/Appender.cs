namespace Notary.Recorder.Recording;

/// <summary>A file that grows by whole pieces, hashed as it grows.</summary>
internal sealed class Appender : IDisposable
{
    private readonly SafeFileHandle file;
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <exception cref="IOException">It is there already, or cannot be.</exception>
    public Appender(string path) => file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read);

    /// <summary>Bytes.</summary>
    public long Size { get; private set; }

    /// <summary>Hands a piece to the system: it survives this process, not yet a power cut.</summary>
    /// <exception cref="IOException">Nothing of the piece is left in the file, unless that cannot be done either.</exception>
    public void Append(ReadOnlySpan<byte> piece)
    {
        try
        {
            RandomAccess.Write(file, piece, Size);
        }
        catch (IOException)
        {
            RandomAccess.SetLength(file, Size);
            throw;
        }

        hash.AppendData(piece);
        Size += piece.Length;
    }

    /// <summary>Takes the last pieces away again.</summary>
    public void CutTo(long size)
    {
        RandomAccess.SetLength(file, size);
        _ = hash.GetHashAndReset();
        var bytes = new byte[size];
        var read = 0;
        while (read < bytes.Length)
        {
            var more = RandomAccess.Read(file, bytes.AsSpan(read), read);
            read += more > 0 ? more : throw new IOException("a file is shorter than what was written to it");
        }

        hash.AppendData(bytes);
        Size = size;
    }

    /// <summary>fsync.</summary>
    public void Sync() => RandomAccess.FlushToDisk(file);

    /// <summary>What is in it.</summary>
    public Part Part() => new(Size, new Digest(hash.GetCurrentHash()));

    public void Dispose()
    {
        file.Dispose();
        hash.Dispose();
    }
}
