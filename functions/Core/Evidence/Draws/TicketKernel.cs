using System.Runtime.InteropServices;

namespace Notary.Evidence.Draws;

/// <summary>A candidate and the smallest of his tickets' numbers.</summary>
/// <param name="Number">Sixteen bytes, big-endian.</param>
/// <param name="Index">His place in the list, from 0. The list is ordered by handle, so this decides between equal numbers.</param>
/// <param name="Ticket">Which ticket, from 1.</param>
internal readonly record struct DrawnTicket(UInt128 Number, int Index, byte Ticket) : IComparable<DrawnTicket>
{
    public int CompareTo(DrawnTicket other) => Number != other.Number ? Number.CompareTo(other.Number) : Index.CompareTo(other.Index);
}

/// <summary>The numbers of one round's tickets (docs/draw-format.md §5).</summary>
internal sealed class RoundKey
{
    /// <summary>Bytes of the prefix before the round key.</summary>
    private const int Domain = 32;

    public RoundKey(Digest seed, int round)
    {
        Span<byte> prefix = stackalloc byte[ShaMany.Block];
        prefix.Clear();
        Encoding.ASCII.GetBytes($"{Domains.Spec} ticket", prefix);
        Digest.Of([.. Domains.Of("round"), .. seed.ToArray(), .. DrawReveals.U32(round)]).CopyTo(prefix[Domain..]);
        State = ShaMany.After(ShaMany.Start, prefix);
    }

    /// <summary>Of SHA-256 behind the prefix.</summary>
    public uint[] State { get; }

    /// <summary>A candidate's smallest number, by plain means.</summary>
    public DrawnTicket Smallest(Digest handle, int tickets, int index)
    {
        var best = default(DrawnTicket);
        Span<byte> block = stackalloc byte[ShaMany.Block];
        for (var t = 1; t <= tickets; t++)
        {
            block.Clear();
            handle.CopyTo(block);
            block[Digest.Size] = (byte)t;
            block[Digest.Size + 1] = 0x80;
            BinaryPrimitives.WriteInt32BigEndian(block[^4..], TicketKernel.Bits);
            var hash = ShaMany.After(State, block);
            var number = new UInt128(((ulong)hash[0] << 32) | hash[1], ((ulong)hash[2] << 32) | hash[3]);
            if (t == 1 || number < best.Number)
                best = new DrawnTicket(number, index, (byte)t);
        }

        return best;
    }
}

/// <summary>Numbers of many tickets, one per lane, and the smallest of each candidate.</summary>
internal static class TicketKernel
{
    /// <summary>Length of the hashed message: prefix, handle, ticket.</summary>
    public const int Bits = (ShaMany.Block + Digest.Size + 1) * 8;

    /// <param name="state">Behind the round's prefix.</param>
    /// <param name="candidates">Places in the list.</param>
    /// <param name="list">The list.</param>
    /// <param name="weights">Whether a candidate has as many tickets as his weight.</param>
    /// <param name="into">Takes each candidate's smallest.</param>
    public static void Run<T>(uint[] state, ReadOnlySpan<int> candidates, PublicList list, bool weights, SmallestTickets into) where T : unmanaged, ILanes<T>
    {
        Span<T> w = stackalloc T[16];
        Span<T> s = stackalloc T[8];
        Span<int> owners = stackalloc int[T.Count];
        Span<byte> tickets = stackalloc byte[T.Count];
        var words = MemoryMarshal.Cast<T, uint>(w);
        var states = MemoryMarshal.Cast<T, uint>(s);
        var (handles, weight) = (list.Handles, list.Weights);
        var best = new DrawnTicket(UInt128.MaxValue, -1, 0);
        var (next, ticket) = (0, 1);
        while (next < candidates.Length)
        {
            // Tickets one after another, a candidate's together: they may go on in the next lanes.
            var lanes = 0;
            for (; lanes < T.Count && next < candidates.Length; lanes++)
            {
                var index = candidates[next];
                var (a, b, c, d) = handles[index].Words;
                words[lanes] = (uint)(a >> 32);
                words[T.Count + lanes] = (uint)a;
                words[(2 * T.Count) + lanes] = (uint)(b >> 32);
                words[(3 * T.Count) + lanes] = (uint)b;
                words[(4 * T.Count) + lanes] = (uint)(c >> 32);
                words[(5 * T.Count) + lanes] = (uint)c;
                words[(6 * T.Count) + lanes] = (uint)(d >> 32);
                words[(7 * T.Count) + lanes] = (uint)d;
                words[(8 * T.Count) + lanes] = ((uint)ticket << 24) | 0x800000;
                (owners[lanes], tickets[lanes]) = (index, (byte)ticket);
                if (!weights || ticket++ == weight[index])
                    (next, ticket) = (next + 1, 1);
            }

            w[9..15].Fill(T.All(0));
            w[15] = T.All(Bits);
            for (var i = 0; i < 8; i++)
                s[i] = T.All(state[i]);

            ShaLanes<T>.Compress(s, w);
            for (var lane = 0; lane < lanes; lane++)
            {
                var high = ((ulong)states[lane] << 32) | states[T.Count + lane];
                if (owners[lane] != best.Index)
                {
                    into.Add(best);
                    best = new DrawnTicket(UInt128.MaxValue, owners[lane], 0);
                }

                // Most tickets are decided by their first half.
                if (high > (ulong)(best.Number >> 64) || high > into.LimitHigh)
                    continue;

                var number = new UInt128(high, ((ulong)states[(2 * T.Count) + lane] << 32) | states[(3 * T.Count) + lane]);
                if (number < best.Number || best.Ticket == 0)
                    best = new DrawnTicket(number, owners[lane], tickets[lane]);
            }
        }

        into.Add(best);
    }
}

/// <summary>The smallest tickets of what was added, at most a fixed number of them.</summary>
internal sealed class SmallestTickets(int most)
{
    /// <summary>Fewer are not worth a sort.</summary>
    private const int LeastRoom = 4096;

    private readonly List<DrawnTicket> kept = [];

    /// <summary>First half of a number above which nothing is taken any more.</summary>
    public ulong LimitHigh { get; private set; } = ulong.MaxValue;

    /// <summary>One without a ticket is passed over.</summary>
    public void Add(DrawnTicket one)
    {
        if (one.Ticket == 0)
            return;

        kept.Add(one);
        if (kept.Count >= Math.Max(2L * most, LeastRoom))
            Cut();
    }

    /// <summary>In order.</summary>
    public List<DrawnTicket> Take()
    {
        Cut();
        return kept;
    }

    private void Cut()
    {
        kept.Sort();
        if (kept.Count < most)
            return;

        kept.RemoveRange(most, kept.Count - most);
        LimitHigh = most == 0 ? 0 : (ulong)(kept[^1].Number >> 64);
    }
}
