using System.Collections.Concurrent;

namespace Notary.Lotteries;

/// <summary>A draw on chain as of now, or as its orchestration last saw it; and where that is.</summary>
internal sealed record ChainLook(long ChainId, string Registry, ChainView? Chain);

/// <summary>Looks at the registry for whoever reads a draw that parties are at work on: at most once a second for each draw, whoever asks.</summary>
internal sealed class ChainLooks(DrawRegistry registry, long chainId, DrawMargin margin, TimeProvider clock)
{
    /// <summary>Chains make a block a second at the fastest.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    /// <summary>Draws that are remembered; past that it remembers anew.</summary>
    private const int MaxKnown = 10_000;

    private readonly ConcurrentDictionary<Digest, (DateTimeOffset At, Task<ChainView?> Look)> known = new();

    /// <summary>The draw's chain. While the nodes do not answer, what the row has.</summary>
    public async Task<ChainLook> ChainAsync(DrawRow row, CancellationToken cancel)
    {
        var live = row.State is DrawState.Committed or DrawState.Revealing;
        return new ChainLook(chainId, registry.Contract.ToLowerHex(), (live ? await FreshAsync(row, cancel).ConfigureAwait(false) : null) ?? row.Chain);
    }

    /// <summary>Reads the chain now.</summary>
    /// <returns>Null when the draw is not there.</returns>
    /// <exception cref="FaultException">As the registry's.</exception>
    public async Task<(DrawOnChain Draw, ChainView View)?> ReadAsync(Digest id, CancellationToken cancel)
    {
        if (await registry.ReadAsync(id, cancel).ConfigureAwait(false) is not { } draw)
            return null;

        var pace = await registry.PaceAsync(cancel).ConfigureAwait(false);
        return (draw, new ChainView(
            draw.Head.Block,
            draw.HeadTime,
            pace.SecondsPerBlock,
            [.. draw.Parties.Select((p, i) => new PartyView(i, p.Account.ToLowerHex(), p.Commitment.ToString(), p.Secret?.ToString()))],
            await IsClosedAsync(draw, cancel).ConfigureAwait(false),
            draw.Beacon?.ToString(),
            draw.Seed?.ToString(),
            draw.Outcome?.ToString()));
    }

    /// <summary>Whether the next block takes no commit or reveal any more: the contract's own rule.</summary>
    public async Task<bool> IsClosedAsync(DrawOnChain draw, CancellationToken cancel)
        => draw.Stage != DrawStage.Published || draw.Head.Block >= draw.RevealDeadline
            || (draw.Source == BeaconSource.Drand
                && await margin.TermsAsync(cancel).ConfigureAwait(false) is var terms
                && draw.HeadTime + terms.Margin >= terms.Genesis + ((draw.Number - 1) * terms.Period));

    private async Task<ChainView?> FreshAsync(DrawRow row, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        if (!known.TryGetValue(row.DrawId, out var last) || now - last.At >= Fresh || last.Look.IsFaulted || last.Look.IsCanceled)
        {
            if (known.Count > MaxKnown)
                known.Clear();

            // Without the caller's own end: others may wait for the same look.
            last = (now, LookAsync(row.DrawId));
            known[row.DrawId] = last;
        }

        return await last.Look.WaitAsync(cancel).ConfigureAwait(false);
    }

    private async Task<ChainView?> LookAsync(Digest id)
    {
        try
        {
            return (await ReadAsync(id, CancellationToken.None).ConfigureAwait(false))?.View;
        }
        catch (FaultException)
        {
            return null;
        }
    }
}

/// <summary>What the registry was deployed with: read once, since it never changes.</summary>
internal sealed class DrawMargin(DrawRegistry registry)
{
    private DrawTerms? known;

    /// <exception cref="FaultException">As the registry's.</exception>
    public async ValueTask<DrawTerms> TermsAsync(CancellationToken cancel) => known ??= await registry.TermsAsync(cancel).ConfigureAwait(false);
}
