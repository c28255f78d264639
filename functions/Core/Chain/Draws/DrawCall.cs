namespace Notary.Chain.Draws;

/// <summary>One thing that one account does about a draw, at most once.</summary>
/// <param name="DrawId">The draw.</param>
/// <param name="Name">Which: <c>publish</c>, <c>commit</c>, <c>reveal</c>, <c>seed</c>, <c>finish</c> or <c>abort</c>.</param>
/// <param name="Data">The call of the registry.</param>
public sealed record DrawCall(Digest DrawId, string Name, byte[] Data)
{
    private static ReadOnlySpan<byte> SecretTag => "notary-draw/1 secret\0"u8;

    public static DrawCall Publish(DrawPlan plan) => Of(plan.DrawId, "publish", "publish", (int)plan.Kind, plan.Commitment,
        plan.CommitDeadline, plan.RevealDeadline, (int)plan.Source, plan.Number, plan.Kept);

    /// <summary>Takes part with that secret without telling it.</summary>
    /// <param name="party">The account that sends this, and will send the reveal: a copy by another cannot be opened.</param>
    /// <param name="secret">32 random bytes, kept until the reveal.</param>
    public static DrawCall Commit(Digest drawId, Address party, ReadOnlySpan<byte> secret)
        => Of(drawId, "commit", "commit", CommitmentTo(drawId, party, secret));

    /// <summary>Tells the secret.</summary>
    public static DrawCall Reveal(Digest drawId, ReadOnlySpan<byte> secret) => Of(drawId, "reveal", "reveal", new Digest(secret));

    /// <summary>Fixes the seed of a draw whose beacon is drand's. The contract verifies the signature.</summary>
    public static DrawCall FixSeed(Digest drawId, DrandRound round) => Of(drawId, "seed", "fixSeed", round.Point);

    /// <summary>Fixes the seed of a draw whose beacon is a block.</summary>
    public static DrawCall FixSeed(Digest drawId) => Of(drawId, "seed", "fixSeed", Array.Empty<byte>());

    /// <summary>Records the result: SHA-256 of its canonical form.</summary>
    public static DrawCall Finish(Digest drawId, Digest result) => Of(drawId, "finish", "finish", result);

    /// <summary>Ends the draw for ever without a result.</summary>
    /// <param name="reason">SHA-256 of what is published as the reason.</param>
    public static DrawCall Abort(Digest drawId, Digest reason) => Of(drawId, "abort", "abort", reason);

    /// <summary>What a party commits with: SHA-256 of a tag, the draw, the party and the secret.</summary>
    public static Digest CommitmentTo(Digest drawId, Address party, ReadOnlySpan<byte> secret)
        => secret.Length == Digest.Size
            ? Digest.Of([.. SecretTag, .. drawId.ToArray(), .. party.ToArray(), .. secret])
            : throw new ArgumentException($"a secret has {Digest.Size} bytes", nameof(secret));

    private static DrawCall Of(Digest drawId, string name, string function, params object[] values)
        => new(drawId, name, ContractArtifact.DrawRegistry.Call(function, [drawId, .. values]));
}
