namespace Notary.Chain;

/// <summary>The custom errors of both anchor contracts in words; Nethereum hands them on undecoded.</summary>
internal static class Reverts
{
    /// <summary>The larger (or equal) size that is in the way, when that is why it was refused.</summary>
    public static long? StaleBehind(FaultException refused) => ErrorOf(refused) is ("Stale", var newest) ? newest : null;

    /// <summary>Whether the sender may not anchor: who decides that can tell why.</summary>
    public static bool IsNotPermitted(FaultException refused) => ErrorOf(refused)?.Name == "NotPermitted";

    public static string Explain(FaultException refused) => ErrorOf(refused)?.Name switch
    {
        "NotPermitted" => "the contract does not permit this sender; its administrator must grant it",
        "NotOpen" => "the contract takes no anchors yet: the earlier one must be taken over first",
        "ZeroRoot" => "the contract takes no zero root",
        "Stale" => "the contract has an anchor of this or a larger size already",
        _ => refused.Message,
    };

    private static (string Name, long Number)? ErrorOf(FaultException refused)
        => refused.InnerException is RpcErrorException { ErrorData: { } data } ? ContractArtifact.ConsortiumAnchor.Error(data) : null;
}
