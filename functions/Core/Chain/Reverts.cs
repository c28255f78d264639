namespace Notary.Chain;

/// <summary>The contract's custom errors in words; Nethereum hands them on undecoded.</summary>
internal static class Reverts
{
    /// <summary>The larger (or equal) size that is in the way, when that is why it was refused.</summary>
    public static long? StaleBehind(FaultException refused) => ErrorOf(refused) is ("Stale", var newest) ? newest : null;

    public static string Explain(FaultException refused) => ErrorOf(refused)?.Name switch
    {
        "NotPermitted" => "the contract does not permit this sender; its administrator must grant it",
        "ZeroRoot" => "the contract takes no zero root",
        "Stale" => "the contract has an anchor of this or a larger size already",
        _ => refused.Message,
    };

    private static (string Name, long Number)? ErrorOf(FaultException refused)
        => refused.InnerException is RpcErrorException { ErrorData: { } data } ? ContractArtifact.EvidenceAnchor.Error(data) : null;
}
