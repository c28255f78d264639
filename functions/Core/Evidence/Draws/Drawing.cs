namespace Notary.Evidence.Draws;

/// <summary>Someone who was drawn.</summary>
/// <param name="Rank">From 1, among the round's winners or among its reserves.</param>
/// <param name="Position">In the public list, from 1.</param>
/// <param name="Ticket">Which of his tickets, from 1.</param>
/// <param name="Number">Its number.</param>
public readonly record struct Placed(int Rank, int Position, int Ticket, UInt128 Number);

/// <summary>What one round gave.</summary>
/// <param name="Round">From 1.</param>
/// <param name="Eligible">Candidates that took part.</param>
/// <param name="Tickets">Their tickets.</param>
/// <param name="Winners">In order.</param>
/// <param name="Reserves">In order.</param>
public sealed record DrawnRound(int Round, int Eligible, long Tickets, IReadOnlyList<Placed> Winners, IReadOnlyList<Placed> Reserves);

/// <summary>The draw itself (docs/draw-format.md §6): the smallest numbers win.</summary>
public static class Drawing
{
    /// <summary>Candidates taken at once by one core.</summary>
    private const int Stretch = 1 << 14;

    /// <summary>Rounds one after another.</summary>
    /// <param name="rules">Checked.</param>
    /// <param name="list">Of these rules.</param>
    /// <param name="seed">All randomness there is.</param>
    /// <param name="candidates">Told how many candidates were looked at, over all rounds.</param>
    /// <param name="cancel">Ends it.</param>
    public static IEnumerable<DrawnRound> Run(DrawRules rules, PublicList list, Digest seed, IProgress<long>? candidates, CancellationToken cancel)
        => Run(rules, list, seed, ShaMany.Widest, candidates, cancel);

    internal static IEnumerable<DrawnRound> Run(
        DrawRules rules, PublicList list, Digest seed, int lanes, IProgress<long>? candidates, CancellationToken cancel)
    {
        var (won, looked) = (new bool[list.Count], 0L);
        var number = 0;
        foreach (var round in rules.Rounds)
        {
            var scan = new RoundScan(round, rules, list, won, new RoundKey(seed, ++number), lanes);
            var drawn = scan.Run(number, done => candidates?.Report(looked + done), cancel);
            looked += list.Count;
            foreach (var winner in drawn.Winners)
                won[winner.Position - 1] = true;

            yield return drawn;
        }
    }

    private sealed class RoundScan(DrawRound round, DrawRules rules, PublicList list, bool[] won, RoundKey key, int lanes)
    {
        private readonly bool[] takesPart = [.. Groups.Of(rules).Select(g => round.Groups.Count == 0 || round.Groups.Contains(Encoding.UTF8.GetString(g)))];
        private readonly int most = (int)Math.Min((long)round.Quota + round.Reserves, list.Count);
        private int next;
        private int eligible;
        private long tickets;

        public DrawnRound Run(int number, Action<long> looked, CancellationToken cancel)
        {
            var workers = Math.Min(Environment.ProcessorCount, (list.Count + Stretch - 1) / Stretch);
            var found = new List<DrawnTicket>[workers];
            Parallel.For(0, workers, new ParallelOptions { CancellationToken = cancel }, i => found[i] = Work(looked, cancel));
            var all = found[0];
            foreach (var more in found[1..])
                all.AddRange(more);

            if (workers > 1)
                all.Sort();

            var winners = Math.Min(round.Quota, all.Count);
            var reserves = (int)Math.Min((long)winners + round.Reserves, all.Count) - winners;
            return new DrawnRound(number, eligible, tickets, Places(all, 0, winners), Places(all, winners, reserves));
        }

        private List<DrawnTicket> Work(Action<long> looked, CancellationToken cancel)
        {
            var (smallest, places) = (new SmallestTickets(most), new int[Math.Min(Stretch, list.Count)]);
            while (Interlocked.Add(ref next, Stretch) - Stretch is var start && start < list.Count && start >= 0)
            {
                cancel.ThrowIfCancellationRequested();
                var end = Math.Min(start + Stretch, list.Count);
                var (count, sum) = (0, 0L);
                for (var i = start; i < end; i++)
                {
                    if (!takesPart[list.GroupIndexes[i]] || (won[i] && !round.EarlierWinners))
                        continue;

                    places[count++] = i;
                    sum += round.Weights ? list.Weights[i] : 1;
                }

                Interlocked.Add(ref eligible, count);
                Interlocked.Add(ref tickets, sum);
                Hash(places.AsSpan(0, count), smallest);
                looked(end);
            }

            return smallest.Take();
        }

        private void Hash(ReadOnlySpan<int> places, SmallestTickets into)
        {
            if (lanes == 16)
                TicketKernel.Run<Lanes16>(key.State, places, list, round.Weights, into);
            else if (lanes == 8)
                TicketKernel.Run<Lanes8>(key.State, places, list, round.Weights, into);
            else
                TicketKernel.Run<Lanes1>(key.State, places, list, round.Weights, into);
        }

        private static Placed[] Places(List<DrawnTicket> all, int start, int count)
        {
            var places = new Placed[count];
            for (var i = 0; i < count; i++)
                places[i] = new Placed(i + 1, all[start + i].Index + 1, all[start + i].Ticket, all[start + i].Number);

            return places;
        }
    }
}
