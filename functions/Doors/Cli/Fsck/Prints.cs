using System.Buffers.Binary;

namespace Notary.Cli;

/// <summary>Eight bytes for a name or digest, under a key drawn for this run: what is joined over millions of rows need not be kept itself.</summary>
/// <remarks>Nobody who wrote the storage can have aimed at a collision, because the key did not exist then;
/// by chance two of a million differ from each other but for one run in 10⁷.</remarks>
internal sealed class Prints
{
    private const int KeyBytes = 16;

    private readonly byte[] key = RandomNumberGenerator.GetBytes(KeyBytes);

    public ulong Of(Digest digest)
    {
        Span<byte> bytes = stackalloc byte[KeyBytes + Digest.Size];
        key.CopyTo(bytes);
        digest.CopyTo(bytes[KeyBytes..]);
        return Hash(bytes);
    }

    /// <param name="name">Ids, blob names and row keys: at most some hundred characters.</param>
    public ulong Of(string name)
    {
        var bytes = new byte[KeyBytes + Encoding.UTF8.GetMaxByteCount(name.Length)];
        key.CopyTo(bytes, 0);
        return Hash(bytes.AsSpan(0, KeyBytes + Encoding.UTF8.GetBytes(name, bytes.AsSpan(KeyBytes))));
    }

    private static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[Digest.Size];
        SHA256.HashData(bytes, hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }
}

/// <summary>A growing set of prints that is sealed, then looked up and marked off: 8 bytes and a bit a member, 16 with values.
/// Safe for several threads.</summary>
internal sealed class PrintSet(bool valued = false)
{
    private readonly Lock gate = new();
    private readonly List<ulong> adding = [];
    private readonly List<ulong> addingValues = [];
    private ulong[] prints = [];
    private ulong[] values = [];
    private BitArray marks = new(0);

    public int Count => prints.Length;

    public void Add(ulong print, ulong value = 0)
    {
        lock (gate)
        {
            adding.Add(print);
            if (valued)
                addingValues.Add(value);
        }
    }

    /// <summary>What was added so far is found from here on; marks begin anew.</summary>
    public PrintSet Seal()
    {
        prints = [.. prints, .. adding];
        adding.Clear();
        adding.TrimExcess();
        if (valued)
        {
            values = [.. values, .. addingValues];
            addingValues.Clear();
            addingValues.TrimExcess();
            Array.Sort(prints, values);
        }
        else
        {
            Array.Sort(prints);
        }

        marks = new BitArray(prints.Length);
        return this;
    }

    public bool Contains(ulong print) => Array.BinarySearch(prints, print) >= 0;

    /// <summary>The value beside a member, or null.</summary>
    public ulong? Find(ulong print) => Array.BinarySearch(prints, print) is >= 0 and var at ? values[at] : null;

    /// <summary>Sets bits of a member's value. False when it is no member or has them already.</summary>
    public bool Set(ulong print, ulong bits)
    {
        lock (gate)
        {
            if (Array.BinarySearch(prints, print) is >= 0 and var at && (values[at] & bits) == 0)
            {
                values[at] |= bits;
                return true;
            }

            return false;
        }
    }

    /// <summary>Marks a member off. False when it is no member.</summary>
    public bool Mark(ulong print)
    {
        lock (gate)
        {
            var at = Array.BinarySearch(prints, print);
            if (at < 0)
                return false;

            // Equal prints are one name, added twice.
            for (; at > 0 && prints[at - 1] == print; at--)
            {
            }

            for (; at < prints.Length && prints[at] == print; at++)
                marks[at] = true;

            return true;
        }
    }

    /// <summary>Members that were not marked off, at most <see cref="Findings.MaxKept"/>.</summary>
    public HashSet<ulong> Unmarked() => [.. Enumerable.Range(0, prints.Length).Where(i => !marks[i]).Select(i => prints[i]).Take(Findings.MaxKept)];

    /// <summary>Members whose value has all of <paramref name="with"/> and none of <paramref name="without"/>,
    /// at most <see cref="Findings.MaxKept"/>.</summary>
    public HashSet<ulong> Where(ulong with, ulong without)
        => [.. Enumerable.Range(0, prints.Length).Where(i => (values[i] & with) == with && (values[i] & without) == 0)
            .Select(i => prints[i]).Take(Findings.MaxKept)];

    /// <summary>Members that were added more than once.</summary>
    public HashSet<ulong> Repeated()
        => [.. Enumerable.Range(1, Math.Max(0, prints.Length - 1)).Where(i => prints[i] == prints[i - 1]).Select(i => prints[i]).Take(Findings.MaxKept)];
}
