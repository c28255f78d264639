namespace Notary.Chain.Draws;

/// <summary>The registry's custom errors in words.</summary>
internal static class DrawReverts
{
    /// <summary>The error's name in the contract; null when it was refused for anything else.</summary>
    public static string? NameOf(FaultException refused)
        => refused.InnerException is RpcErrorException { ErrorData: { } data } ? ContractArtifact.DrawRegistry.Error(data)?.Name : null;

    public static string Explain(FaultException refused) => NameOf(refused) switch
    {
        "NotPublisher" => "only the account whose address begins the draw's id publishes, finishes or aborts it",
        "BadPlan" => "the plan cannot be kept: deadlines in the past or out of order, a round too early, no commitment, or too many or doubled places",
        "WrongState" => "the draw is not in the state for that",
        "TooEarly" => "it is too early for that",
        "TooLate" => "the deadline is over",
        "NoPlace" => "all places are taken or kept",
        "CommittedAlready" => "this account has committed already",
        "RevealedAlready" => "this account has revealed already",
        "NotAParty" => "this account has not committed",
        "NoMatch" => "the secret is not the one committed to",
        "ZeroDigest" => "a digest of zeros says nothing",
        "BeaconLost" => "the beacon's block is out of the chain's reach: the draw can only be aborted",
        "NotVerified" => "the signature is not that round's",
        _ => refused.Message,
    };
}
