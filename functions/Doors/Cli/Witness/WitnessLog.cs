using System.Buffers.Binary;

namespace Notary.Cli;

/// <summary>What a witness keeps of one log: its key and the newest checkpoint that was cosigned, in a file that is open for as long as this lives.</summary>
/// <remarks>The file has the key in its first block and two places for checkpoints after it. A new checkpoint overwrites the older of the two, and
/// is on the disk before <see cref="Advance"/> returns: a cut while it is written leaves the other place whole, and no rename is needed, whose own
/// durability the framework cannot ask for (it flushes no folder). A file that is lost is a log that is not watched (404), never one to be cosigned
/// from nothing.</remarks>
internal sealed class WitnessLog : IDisposable
{
    /// <summary>Ends the names of these files.</summary>
    public const string Suffix = ".log";

    /// <summary>Bytes before the first place: a disk's block, so that a torn write of a place leaves the key alone.</summary>
    internal const int KeyBytes = 4096;

    /// <summary>Bytes of a place: a SHA-256, a length and the longest note, in whole blocks.</summary>
    internal const int PlaceBytes = SignedNote.MaxBytes + 4096;

    private const int HeadBytes = Digest.Size + sizeof(int);

    private readonly FileStream file;
    private int place;
    private bool lost;

    private WitnessLog(FileStream file, VerifierKey key) => (this.file, Key) = (file, key);

    /// <summary>The log's key; its name is the log's origin.</summary>
    public VerifierKey Key { get; }

    /// <summary>Held from reading <see cref="Size"/> to the end of signing: else a smaller tree could be cosigned after a larger one.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Leaves of the newest cosigned checkpoint; 0 when none was cosigned.</summary>
    public long Size { get; private set; }

    /// <summary>Its root.</summary>
    public Digest Root { get; private set; } = Merkle.EmptyRoot;

    /// <summary>Begins to watch a log.</summary>
    /// <exception cref="CliException">It is watched already.</exception>
    public static void Create(string folder, VerifierKey key)
    {
        var path = Path.Combine(folder, Digest.Of(Encoding.UTF8.GetBytes(key.Name)) + Suffix);
        try
        {
            using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
            var block = new byte[KeyBytes];
            Encoding.UTF8.GetBytes(key + "\n", block);
            file.Write(block);

            // The empty tree, a checkpoint of nobody's: from here on one place is always whole.
            file.Write(Record(""));
            file.Flush(flushToDisk: true);
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new CliException($"{key.Name} is watched already, by {path}: another key or an older state would be a fork that nobody notices", e);
        }
    }

    /// <summary>Opens a log's file, for this process alone.</summary>
    /// <exception cref="CliException">Both places are damaged, its key is, or another witness has it open.</exception>
    public static WitnessLog Open(string path)
    {
        FileStream file;
        try
        {
            // Unbuffered: what is written is what the place has.
            file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException e) when (e is not FileNotFoundException)
        {
            throw new CliException($"{path} cannot be opened by this process alone: does another witness run on it?", e);
        }

        try
        {
            var block = new byte[KeyBytes];
            file.ReadAtLeast(block, KeyBytes, throwOnEndOfStream: false);
            var log = new WitnessLog(file, VerifierKey.Parse(Encoding.UTF8.GetString(block).Split('\n')[0]));
            log.Load();
            return log;
        }
        catch (FaultException e)
        {
            file.Dispose();
            throw new CliException($"{path} is damaged and says no more what was cosigned; this witness's key must not be used for that log again", e);
        }
    }

    /// <summary>Makes this the newest checkpoint, on the disk before it returns.</summary>
    /// <param name="note">Signed by <see cref="Key"/>, and consistent with the one before: the caller has seen to both.</param>
    /// <param name="checkpoint">Its content.</param>
    /// <exception cref="IOException">Whether it is kept is not known: the log is not cosigned again before this process has ended.</exception>
    public void Advance(string note, Checkpoint checkpoint)
    {
        if (lost)
            throw new IOException("an earlier checkpoint may or may not be on the disk");

        var next = 1 - place;
        try
        {
            RandomAccess.Write(file.SafeFileHandle, Record(note), Offset(next));
            file.Flush(flushToDisk: true);
        }
        catch
        {
            lost = true;
            throw;
        }

        (place, Size, Root) = (next, checkpoint.Size, checkpoint.Root);
    }

    public void Dispose() => file.Dispose();

    internal static long Offset(int place) => KeyBytes + ((long)place * PlaceBytes);

    internal static byte[] Record(string note)
    {
        var text = Encoding.UTF8.GetBytes(note);
        var record = new byte[HeadBytes + text.Length];
        BinaryPrimitives.WriteInt32BigEndian(record.AsSpan(Digest.Size), text.Length);
        text.CopyTo(record, HeadBytes);
        Digest.Of(record.AsSpan(Digest.Size)).ToArray().CopyTo(record, 0);
        return record;
    }

    private void Load()
    {
        place = 1;
        var found = false;
        foreach (var one in new[] { 0, 1 })
        {
            if (Read(one) is not { } checkpoint || (found && checkpoint.Size < Size))
                continue;

            (found, place, Size, Root) = (true, one, checkpoint.Size, checkpoint.Root);
        }

        if (!found)
            throw new FaultException(Fault.Malformed, "no whole checkpoint");
    }

    private Checkpoint? Read(int one)
    {
        var bytes = new byte[PlaceBytes];
        var read = RandomAccess.Read(file.SafeFileHandle, bytes, Offset(one));
        var length = read < HeadBytes ? -1 : BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(Digest.Size));
        if (length < 0 || length > read - HeadBytes || Digest.Of(bytes.AsSpan(Digest.Size, sizeof(int) + length)) != new Digest(bytes.AsSpan(0, Digest.Size)))
            return null;

        if (length == 0)
            return new Checkpoint(Key.Name, 0, Merkle.EmptyRoot);

        // Whoever could write the file could raise the size, but not sign for the log.
        return Curve.SignedBy(Key, Encoding.UTF8.GetString(bytes, HeadBytes, length)) is { } body ? Checkpoint.Parse(body) : null;
    }
}
