using System.Collections.Concurrent;

namespace Notary.Lotteries.Tests;

/// <summary>One try at lives of draws, with deadlines as this machine can keep them. What was late is told from what was wrong.</summary>
internal sealed class Attempt(Office office, int pace)
{
    /// <summary>Beyond it it is not the machine: with deadlines of a quarter of an hour everybody keeps them.</summary>
    private const int MaxPace = 32;

    private readonly ConcurrentBag<Digest> draws = [];

    private static Fault Late => Fault.DrawLate;

    /// <summary>Lives until nothing of it was late, each time with twice the time.</summary>
    public static async Task LiveAsync(Office office, Func<Attempt, Task> life)
    {
        while (true)
        {
            var attempt = new Attempt(office, office.Pace);
            try
            {
                await life(attempt);
                return;
            }
            catch (Exception e) when (attempt.Pace < MaxPace && e is FaultException or AssertFailedException or InvalidOperationException)
            {
                if (e is not FaultException { Fault: Fault.DrawLate } && !await attempt.WasLateAsync())
                    throw;

                office.Slow(attempt.Pace);
            }
        }
    }

    public int Pace => pace;

    /// <summary>Submits a draw. Seconds are those of a quiet machine.</summary>
    public async Task<Digest> SubmittedAsync(
        int objections, int commits, int reveals, bool rehearsal = false, BeaconKind beacon = BeaconKind.Drand, params Address[] parties)
    {
        var terms = Bed.Terms(rehearsal, objections: objections * pace, commits: commits * pace, reveals: reveals * pace);
        var id = await office.Bed.SubmittedAsync(terms with { Beacon = beacon, Parties = parties });
        draws.Add(id);
        return id;
    }

    /// <summary>Waits for a state that the draw does not leave before somebody has acted.</summary>
    public async Task<DrawView> StateAsync(Digest id, string state)
    {
        var view = await office.UntilAsync(id, v => LifeTests.States.IndexOf(v.State) >= LifeTests.States.IndexOf(state), state);
        return view.State == state ? view : throw TooLate($"the draw is {view.State}, not {state}");
    }

    public static FaultException TooLate(string what) => new(Late, what);

    /// <summary>Whether a deadline was missed: the draw says so by its end, or by what the platform has not told in time.</summary>
    private async Task<bool> WasLateAsync()
    {
        foreach (var id in draws)
        {
            var view = (await office.Bed.Lottery.OfficeAsync(id, default))!;
            var own = view.Chain?.Parties.SingleOrDefault(p => p.Party == office.Bed.Publisher.ToLowerHex());
            if (view.Aborted?.Reason.EndsWith("-late", StringComparison.Ordinal) == true
                || (view.State is "revealing" or "drawn" or "certified" && own is null) || (view.State is "drawn" or "certified" && own?.Secret is null))
                return true;
        }

        return false;
    }
}
