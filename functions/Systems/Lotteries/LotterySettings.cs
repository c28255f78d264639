namespace Notary.Lotteries;

/// <summary>What a deployment decides about its draws.</summary>
public sealed record LotterySettings
{
    /// <summary>The office's address: its host is the relying party of the notaries' keys.</summary>
    public required Uri PublicUrl { get; init; }

    /// <summary>EIP-155 id of the registry's chain.</summary>
    public required long ChainId { get; init; }

    /// <summary>Blocks under which what happened on chain counts, its own among them.</summary>
    public required int Confirmations { get; init; }

    /// <summary>The least time between two deadlines. Default 5 s: less is over before a block comes.</summary>
    public TimeSpan LeastPhase { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Between two looks at what others do: a deposit on its way, a block to come. Default 2 s.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(2);
}
