namespace Notary.Chain.Draws;

/// <summary>A party of a draw; its index is its place in the list.</summary>
/// <param name="Account">Who committed.</param>
/// <param name="Commitment">With what.</param>
/// <param name="Secret">Null until revealed.</param>
public sealed record DrawParty(Address Account, Digest Commitment, Digest? Secret);

/// <summary>A draw as the registry held it after one block.</summary>
/// <param name="Head">That block.</param>
/// <param name="HeadTime">Its time, by which a drand draw closes.</param>
/// <param name="Publisher">Who published it, and alone can finish or abort it.</param>
/// <param name="Stage">How far it is.</param>
/// <param name="Kind">A draw or a rehearsal.</param>
/// <param name="Commitment">SHA-256 of the draw's canonical description.</param>
/// <param name="CommitDeadline">The last block for commits.</param>
/// <param name="RevealDeadline">The last block for reveals.</param>
/// <param name="Source">The beacon's kind.</param>
/// <param name="Number">The drand round, or blocks after the reveal deadline.</param>
/// <param name="OpenPlaces">Places free for anyone.</param>
/// <param name="Parties">In the order of their commits.</param>
/// <param name="Beacon">Null before the seed stands.</param>
/// <param name="Seed">Null before it stands; kept by an abort.</param>
/// <param name="Outcome">When finished the result's digest, when aborted the reason's.</param>
/// <param name="Known">Aborted when the beacon, and so the outcome, could be known, whether or not the seed was fixed.</param>
public sealed record DrawOnChain(
    ChainHead Head, DateTimeOffset HeadTime, Address Publisher, DrawStage Stage, DrawKind Kind, Digest Commitment, long CommitDeadline, long RevealDeadline,
    BeaconSource Source, long Number, int OpenPlaces, IReadOnlyList<DrawParty> Parties, Digest? Beacon, Digest? Seed, Digest? Outcome,
    bool Known)
{
    /// <summary>The block whose hash is the beacon; null when the beacon is drand's.</summary>
    public long? BeaconBlock => Source == BeaconSource.Block ? RevealDeadline + Number : null;

    /// <param name="draw">The answer of <c>drawOf</c>, whose words are the members of the contract's <c>Draw</c> in order.</param>
    /// <param name="parties">The answer of <c>partiesOf</c>.</param>
    internal static DrawOnChain? Read(ChainHead head, DateTimeOffset time, AbiWords draw, AbiWords parties)
    {
        if (draw.Small(5) == 0)
            return null;

        Digest? Unless(int word) => draw.Digest(word) is var digest && digest == default ? null : digest;
        return new DrawOnChain(head, time, draw.Address(4), (DrawStage)draw.Small(5), (DrawKind)draw.Small(6), draw.Digest(0),
            draw.Number(11), draw.Number(12), (BeaconSource)draw.Small(7), draw.Number(13), draw.Small(8),
            [.. parties.Items(0, 4).Select(p => new DrawParty(p.Address(0), p.Digest(2), p.Small(1) == 1 ? p.Digest(3) : null))],
            Unless(1), Unless(2), Unless(3), draw.Small(10) == 1);
    }
}
