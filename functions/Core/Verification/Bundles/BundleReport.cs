namespace Notary.Verification;

/// <summary>The overall word, and the exit code of <c>notary verify</c>, whose 2 is for what the caller got wrong.</summary>
public enum Outcome
{
    /// <summary>Every rung passed; the chain may be unknown when no node was asked.</summary>
    Verified = 0,

    /// <summary>At least one rung failed.</summary>
    Failed = 1,

    /// <summary>Nothing failed, but a rung could not be judged.</summary>
    Unjudged = 3,
}

/// <summary>All rungs of one bundle, in the ladder's order.</summary>
/// <param name="Id">The deposit, when its manifest could be read.</param>
/// <param name="ManifestDigest">Likewise.</param>
/// <param name="Verdicts">At least one of every rung that could be reached; before them all what a reader must know first (<see cref="Mark.Warn"/>).</param>
public sealed record BundleReport(DepositId? Id, Digest? ManifestDigest, IReadOnlyList<Verdict> Verdicts)
{
    /// <summary>True when nothing but the platform's own word says whose keys are to be trusted.</summary>
    public bool OwnTrust { get; init; }

    /// <summary>What was deposited, when the manifest could be read. Proven only when nothing failed.</summary>
    public Manifest? Manifest { get; init; }

    /// <summary>Whether it says of itself that it is a test deposit.</summary>
    public bool IsTest => Manifest is { Test: true };

    /// <summary>The one item of a batch that the bundle is about. Proven only when nothing failed.</summary>
    public BatchItem? Item { get; init; }

    /// <summary>What the tokens say that hold.</summary>
    public IReadOnlyList<StampedTime> Stamps { get; init; } = [];

    public Outcome Outcome
        => Verdicts.Any(v => v.Mark == Mark.Fail) ? Outcome.Failed
        : Verdicts.Any(v => v.Mark == Mark.Unknown && !(v.Rung == Rung.Chain && v.Code == BundleCodes.Offline)) ? Outcome.Unjudged
        : Outcome.Verified;
}

/// <summary>An authority's word that something existed.</summary>
/// <param name="Authority">Its name in the trust roots.</param>
/// <param name="Over"><see cref="TokenOver.Manifest"/> or <see cref="TokenOver.Checkpoint"/>.</param>
/// <param name="Latest">genTime, and as much later as the token says that it may be off.</param>
public sealed record StampedTime(string Authority, string Over, DateTimeOffset Latest);

/// <summary>Codes of verdicts that callers branch on.</summary>
public static class BundleCodes
{
    /// <summary>Chain: consistent in itself, but no node was asked.</summary>
    public const string Offline = "offline";

    /// <summary>Status: judged by the bundle's own trust.json.</summary>
    public const string OwnTrust = "own-trust";

    /// <summary>Manifest: a test deposit of a sandbox tenant.</summary>
    public const string TestDeposit = "test-deposit";

    internal const string TestWords = "测试存证：由测试账户存入，不证明任何真实的事。 TEST DEPOSIT of a sandbox tenant: it proves nothing about anything real";
}

/// <summary>What the reader adds to the bundle.</summary>
/// <param name="Original">The original file, to be compared with the manifest's digests; null when there is none.</param>
/// <param name="Rpc">A node of the chain; null to stay offline.</param>
/// <param name="Http">Used for <paramref name="Rpc"/> only; needed with it.</param>
/// <param name="Confirmations">Blocks, the anchor's own among them, that must be on the chain when a node is asked; at least 1.</param>
/// <param name="AcceptOwnTrust">The reader knows and accepts that the bundle's own trust.json decides. Only counts when no roots are pinned.</param>
public sealed record BundleQuestion(Stream? Original = null, Uri? Rpc = null, HttpClient? Http = null, int Confirmations = 1, bool AcceptOwnTrust = false)
{
    /// <summary>The reader's own revocation lists (RFC 5280, DER), newer than those in the bundle, each with a name for the verdict.</summary>
    public IReadOnlyList<(string Name, ReadOnlyMemory<byte> Der)> Lists { get; init; } = [];

    /// <summary>Tells what is in the future.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
