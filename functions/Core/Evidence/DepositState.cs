namespace Notary.Evidence;

/// <summary>How far a deposit's proof has come. Forward only, except that a reorganised chain may take back <see cref="Anchored"/>.</summary>
public enum DepositState
{
    /// <summary>Bytes, manifest and row are durable.</summary>
    Received,

    /// <summary>The manifest digest is a leaf of the log, under a signed checkpoint.</summary>
    Logged,

    /// <summary>Every authority's token over that checkpoint is verified and kept.</summary>
    Timestamped,

    /// <summary>The checkpoint's root is on the chain under the configured number of confirmations.</summary>
    Anchored,

    /// <summary>The letter is issued: everything before it was verified again first.</summary>
    Certified,

    /// <summary>Ended with a reason; the evidence is kept.</summary>
    Failed,
}
