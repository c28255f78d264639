namespace Notary.Chain.Explorer;

/// <summary>How the office's nodes stand beside each other.</summary>
internal sealed class NodeStandings(ChainClient client)
{
    /// <summary>Blocks that a node may be behind and still count as in step.</summary>
    private const int InStep = 2;

    /// <summary>For one answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>How old an answer may be before the nodes are asked again.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private Task<IReadOnlyList<NodeStanding>>? standing;
    private Task<IReadOnlyList<NodeStanding>>? asking;
    private DateTimeOffset asked = DateTimeOffset.MinValue;

    /// <summary>How the nodes stood at the last look. A silent one costs its time: only the first reader waits for it.</summary>
    public Task<IReadOnlyList<NodeStanding>> NowAsync(CancellationToken cancel)
    {
        lock (gate)
        {
            if (asking is { IsCompletedSuccessfully: true })
                standing = asking;

            if (asking is null or { IsCompleted: true } && client.Clock.GetUtcNow() - asked >= Fresh)
                (asking, asked) = (Task.Run(AskAsync, CancellationToken.None), client.Clock.GetUtcNow());

            return (standing ?? asking!).WaitAsync(cancel);
        }
    }

    private async Task<IReadOnlyList<NodeStanding>> AskAsync()
    {
        var heads = await client.HeadsAsync(Patience, CancellationToken.None).ConfigureAwait(false);
        var hashes = await client.HashesAsync(heads.Min(h => h?.Number) ?? 0, Patience, CancellationToken.None).ConfigureAwait(false);

        // Most of them are right, or nobody can say who is.
        var shared = hashes.OfType<string>().GroupBy(h => h).OrderByDescending(g => g.Count()).FirstOrDefault()?.Key;
        var highest = heads.Where((_, i) => hashes[i] == shared).Max(h => h?.Number) ?? 0;
        return [.. heads.Select((head, i) => new NodeStanding(i + 1,
            head is null ? NodeState.Silent
            : hashes[i] is { } hash && hash != shared ? NodeState.Forked
            : highest - head.Number > InStep ? NodeState.Behind : NodeState.InStep, head?.Number))];
    }
}
