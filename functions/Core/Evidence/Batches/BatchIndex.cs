using System.Runtime.InteropServices;

namespace Notary.Evidence.Batches;

/// <summary>What items are found by.</summary>
public enum ItemKey
{
    /// <summary>The content's SHA-256.</summary>
    Digest,

    /// <summary>The partner's own reference.</summary>
    Reference,
}

/// <summary>
/// A batch's items by digest and by reference: records of 12 bytes, a key of 8 and the item's number of 4, big-endian, in order.
/// The key is a hash with the batch's id in it, so that nobody can choose keys that fall together. Equal keys are no proof: whoever looks reads the item.
/// </summary>
public static class BatchIndex
{
    /// <summary>Bytes of a record.</summary>
    public const int RecordBytes = sizeof(ulong) + sizeof(int);

    /// <summary>Records that the first look takes beside the square root of all: what makes a second look rare.</summary>
    private const int FewRecords = 128;

    private const int ReadBytes = 256 * 1024;

    private static readonly int DigestAt = "{\"digests\":{\"sha-256\":\"".Length;

    /// <summary>The key of a value in a batch.</summary>
    public static ulong Key(DepositId batch, ItemKey kind, ReadOnlySpan<byte> value)
    {
        // The id has 36 characters, so that nothing of it can pass for the value.
        var id = Encoding.ASCII.GetBytes(batch.ToString());
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(id);
        hash.AppendData([(byte)kind]);
        hash.AppendData(value);
        return BinaryPrimitives.ReadUInt64BigEndian(hash.GetHashAndReset());
    }

    /// <summary>Both indexes of a batch, from its file of items.</summary>
    /// <exception cref="FaultException"><see cref="Fault.EvidenceInvalid"/>: the file does not have so many items.</exception>
    public static async Task<(byte[] Digests, byte[] References)> BuildAsync(DepositId batch, int count, Stream items, CancellationToken cancel)
    {
        var (digests, references) = (new Sorter(batch, ItemKey.Digest, count), new Sorter(batch, ItemKey.Reference, count));
        var (buffer, held, number) = (ArrayPool<byte>.Shared.Rent(ReadBytes), 0, 0);
        try
        {
            while (await items.ReadAtLeastAsync(buffer.AsMemory(held), 1, false, cancel) is > 0 and var read)
            {
                held += read;
                var used = Lines(buffer.AsSpan(0, held));
                buffer.AsSpan(used, held - used).CopyTo(buffer);
                held -= used;
                Demand(held < buffer.Length);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        Demand(held == 0 && number == count);
        return (digests.ToBytes(), references.ToBytes());

        int Lines(ReadOnlySpan<byte> bytes)
        {
            var used = 0;
            while (bytes[used..].IndexOf((byte)'\n') is >= 0 and var end)
            {
                Demand(number < count && end > DigestAt + (2 * Digest.Size));
                var line = bytes.Slice(used, end);
                digests.Add(number, line.Slice(DigestAt, 2 * Digest.Size));
                if (Reference(line) is { IsEmpty: false } reference)
                    references.Add(number, reference);

                number++;
                used += end + 1;
            }

            return used;
        }
    }

    /// <summary>Numbers of items whose key is the given one, in order, from <paramref name="from"/> on.</summary>
    /// <param name="records">Of the index.</param>
    /// <param name="key">Looked for.</param>
    /// <param name="from">The first number that counts.</param>
    /// <param name="limit">Numbers wanted at most.</param>
    /// <param name="read">Gives records: from, how many.</param>
    public static async Task<IReadOnlyList<int>> FindAsync(long records, ulong key, int from, int limit, Func<long, int, Task<byte[]>> read)
    {
        // Keys are spread evenly: the first look is where the key must be, wide enough for chance. What equal values crowd, halving finds.
        var (low, high) = (0L, records);
        var width = (int)Math.Min(records, (8 * (long)Math.Sqrt(records)) + FewRecords);
        var middle = (long)((UInt128)key * (ulong)records >> 64);
        while (low < high)
        {
            var start = Math.Clamp(middle - (width / 2), low, Math.Max(low, high - width));
            var window = await read(start, (int)Math.Min(width, high - start));
            var (count, place) = (window.Length / RecordBytes, 0);
            while (place < count && Before(window, place, key, from))
                place++;

            if (place == 0 && start > low)
                high = start;
            else if (place == count && start + count < high)
                low = start + count;
            else
                return await TakeAsync(start + place, window.AsMemory(place * RecordBytes));

            (middle, width) = ((low + high) / 2, FewRecords);
        }

        return [];

        async Task<IReadOnlyList<int>> TakeAsync(long at, ReadOnlyMemory<byte> there)
        {
            var found = new List<int>();
            while (found.Count < limit)
            {
                if (there.IsEmpty)
                {
                    if (at >= records)
                        break;

                    there = await read(at, (int)Math.Min(FewRecords, records - at));
                }

                if (KeyAt(there.Span, 0) != key)
                    break;

                found.Add(NumberAt(there.Span, 0));
                there = there[RecordBytes..];
                at++;
            }

            return found;
        }
    }

    private static bool Before(ReadOnlySpan<byte> records, int place, ulong key, int from)
        => KeyAt(records, place) is var there && (there < key || (there == key && NumberAt(records, place) < from));

    private static ulong KeyAt(ReadOnlySpan<byte> records, int place) => BinaryPrimitives.ReadUInt64BigEndian(records[(place * RecordBytes)..]);

    private static int NumberAt(ReadOnlySpan<byte> records, int place)
        => BinaryPrimitives.ReadInt32BigEndian(records[((place * RecordBytes) + sizeof(ulong))..]);

    /// <summary>The reference's bytes, unescaped; empty when there is none.</summary>
    private static ReadOnlySpan<byte> Reference(ReadOnlySpan<byte> line)
    {
        var json = new Utf8JsonReader(line);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var wanted = json.ValueTextEquals("reference"u8);
            json.Read();
            if (wanted)
                return json.ValueIsEscaped ? Encoding.UTF8.GetBytes(json.GetString()!) : json.ValueSpan;

            json.Skip();
        }

        return [];
    }

    private static void Demand(bool holds)
    {
        if (!holds)
            throw new FaultException(Fault.EvidenceInvalid, "a batch's file of items is not as its manifest says");
    }

    private sealed class Sorter(DepositId batch, ItemKey kind, int most)
    {
        private readonly List<ulong> keys = new(most);
        private readonly List<int> numbers = new(most);
        private readonly byte[] message = [.. Encoding.ASCII.GetBytes(batch.ToString()), (byte)kind, .. new byte[BatchFormat.MaxItemBytes]];
        private readonly int prefix = batch.ToString().Length + 1;

        public void Add(int number, ReadOnlySpan<byte> value)
        {
            Span<byte> hash = stackalloc byte[Digest.Size];
            value.CopyTo(message.AsSpan(prefix));
            SHA256.HashData(message.AsSpan(0, prefix + value.Length), hash);
            keys.Add(BinaryPrimitives.ReadUInt64BigEndian(hash));
            numbers.Add(number);
        }

        public byte[] ToBytes()
        {
            var sorted = CollectionsMarshal.AsSpan(keys);
            var places = CollectionsMarshal.AsSpan(numbers);
            sorted.Sort(places);

            // Equal keys: by number. The sort does not keep their order.
            for (var i = 0; i < sorted.Length;)
            {
                var end = i + 1;
                while (end < sorted.Length && sorted[end] == sorted[i])
                    end++;

                places[i..end].Sort();
                i = end;
            }

            var bytes = new byte[sorted.Length * RecordBytes];
            for (var i = 0; i < sorted.Length; i++)
            {
                BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(i * RecordBytes), sorted[i]);
                BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan((i * RecordBytes) + sizeof(ulong)), places[i]);
            }

            return bytes;
        }
    }
}
