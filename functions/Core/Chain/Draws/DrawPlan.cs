namespace Notary.Chain.Draws;

/// <summary>Whether it counts. The contract's own numbers.</summary>
public enum DrawKind
{
    /// <summary>A draw.</summary>
    Draw = 1,

    /// <summary>A rehearsal, which stays one for ever.</summary>
    Rehearsal = 2,
}

/// <summary>Where a draw's beacon comes from. The contract's own numbers, and the seed's.</summary>
public enum BeaconSource
{
    /// <summary>A round of the registry's drand chain.</summary>
    Drand = 1,

    /// <summary>The hash of a block of the registry's chain. Who makes that block knows all reveals and may try several.</summary>
    Block = 2,
}

/// <summary>How far a draw is on chain.</summary>
public enum DrawStage
{
    /// <summary>Commits and reveals are taken, each before its deadline.</summary>
    Published = 1,

    /// <summary>The seed stands.</summary>
    Seeded = 2,

    /// <summary>The result stands.</summary>
    Finished = 3,

    /// <summary>Ended without a result, for ever.</summary>
    Aborted = 4,
}

/// <summary>All that is fixed when a draw is published.</summary>
/// <param name="DrawId">32 bytes, the first 20 of them the publisher's address; see <see cref="NewId"/>.</param>
/// <param name="Kind">A draw or a rehearsal.</param>
/// <param name="Commitment">SHA-256 of the draw's canonical description.</param>
/// <param name="CommitDeadline">The last block in which commits are taken.</param>
/// <param name="RevealDeadline">The last block in which reveals are taken, after the former.</param>
/// <param name="Source">The beacon's kind.</param>
/// <param name="Number">Drand: the round. Block: how many blocks after the reveal deadline, 1 to 128.</param>
/// <param name="Kept">Accounts for whom one of the 64 places is kept.</param>
public sealed record DrawPlan(
    Digest DrawId, DrawKind Kind, Digest Commitment, long CommitDeadline, long RevealDeadline, BeaconSource Source, long Number, IReadOnlyList<Address> Kept)
{
    /// <summary>An id that only <paramref name="publisher"/> can publish: the contract refuses it from any other.</summary>
    public static Digest NewId(Address publisher) => new([.. publisher.ToArray(), .. RandomNumberGenerator.GetBytes(Digest.Size - Address.Size)]);
}
