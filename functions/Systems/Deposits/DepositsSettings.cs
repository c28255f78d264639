using Notary.Verification.Letters;

namespace Notary.Deposits;

/// <summary>What the deposit system must be told.</summary>
public sealed record DepositsSettings
{
    /// <summary>The log's origin line (C2SP tlog-checkpoint), schema-less. Changing it starts another log.</summary>
    public required string Origin { get; init; }

    /// <summary>The office's legal name on letters.</summary>
    public required LetterOffice Office { get; init; }

    /// <summary>What letters say of the office and of those it works with.</summary>
    public required LetterParties Parties { get; init; }

    /// <summary>Where letters point to; no trailing slash.</summary>
    public required Uri PublicUrl { get; init; }

    /// <summary>Least time between two anchors. Shorter costs transactions, longer delays certificates. Default 10 s.</summary>
    public TimeSpan AnchorInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The promise for tokens, written into receipts. Default 10 s.</summary>
    public TimeSpan TimestampPromise { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The promise for anchors beyond the interval. Default 60 s.</summary>
    public TimeSpan AnchorPromise { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a sequencer that went silent keeps others waiting. Too short and two of them work in vain; never wrong. Default 5 s.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Time a sequencer collects deposits before it makes a checkpoint. Default 0.5 s; at most 1 s keeps the promise.</summary>
    public TimeSpan BatchInterval { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>Deposits of one batch: bounds the stage blob and the time to the next checkpoint. Default 4096.</summary>
    public int MaxBatch { get; init; } = 4096;

    /// <summary>How often an anchor is looked at until it has settled: how late a reorganisation is noticed. Default 15 s.</summary>
    public TimeSpan SettleInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Pause after a lost race. Default 1 s.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The deepest reorganisation that is watched for, in blocks. Default 64.</summary>
    public int SettleDepth { get; init; } = 64;

    /// <summary>Confirmations under which an anchor is final, in blocks. Default 3.</summary>
    public int Confirmations { get; init; } = 3;
}
