namespace Notary.Evidence.Draws;

/// <summary>A few candidates whose salts and handles are computed together.</summary>
internal sealed class CandidateBatch(ListSecret secret, int lanes)
{
    /// <summary>Candidates of a batch: their bytes stay in a core's own cache.</summary>
    private const int Size = 128;

    /// <summary>Salt message: domain, id, padding. Handle message: domain, salt, and two texts with their lengths.</summary>
    private const int SaltSlot = 128, HandleSlot = 384;

    private readonly byte[] salts = new byte[Size * SaltSlot];
    private readonly byte[] handles = new byte[Size * HandleSlot];
    private readonly byte[] outer = new byte[Size * ShaMany.Block];
    private readonly int[] saltLengths = new int[Size];
    private readonly int[] handleLengths = new int[Size];
    private readonly int[] outerLengths = Enumerable.Repeat(Digest.Size, Size).ToArray();
    private readonly Digest[] hashes = new Digest[Size];
    private int count;

    /// <summary>Adds a candidate; true when the batch is full and must be taken.</summary>
    public bool Add(ReadOnlySpan<byte> id, ReadOnlySpan<byte> name)
    {
        saltLengths[count] = ListSecret.SaltMessage(id, salts.AsSpan(count * SaltSlot, SaltSlot));
        var slot = handles.AsSpan(count * HandleSlot, HandleSlot);
        ListSecret.HandleStart(slot);
        var at = ListSecret.Domain + Digest.Size;
        slot[at++] = (byte)id.Length;
        id.CopyTo(slot[at..]);
        at += id.Length;
        slot[at++] = (byte)name.Length;
        name.CopyTo(slot[at..]);
        handleLengths[count] = at + name.Length;
        return ++count == Size;
    }

    /// <summary>Salts and handles of what was added since the last time.</summary>
    public void Take(List<UInt128> saltsOut, List<Digest> handlesOut)
    {
        var found = hashes.AsSpan(0, count);
        ShaMany.Hash(salts, SaltSlot, saltLengths.AsSpan(0, count), secret.Inner, ShaMany.Block, found, lanes);
        for (var i = 0; i < count; i++)
            found[i].CopyTo(outer.AsSpan(i * ShaMany.Block));

        ShaMany.Hash(outer, ShaMany.Block, outerLengths.AsSpan(0, count), secret.Outer, ShaMany.Block, found, lanes);
        for (var i = 0; i < count; i++)
        {
            var (a, b, _, _) = found[i].Words;
            saltsOut.Add(new UInt128(a, b));
            found[i].CopyTo(handles.AsSpan((i * HandleSlot) + ListSecret.Domain));
        }

        ShaMany.Hash(handles, HandleSlot, handleLengths.AsSpan(0, count), ShaMany.Start, 0, found, lanes);
        handlesOut.AddRange(found);
        count = 0;
    }
}
