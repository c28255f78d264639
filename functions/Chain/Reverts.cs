using System.Text;
using Notary.Evidence;
using Notary.Evidence.Ethereum;

namespace Notary.Chain;

/// <summary>The contract's custom errors in words.</summary>
internal static class Reverts
{
    private static readonly (string Selector, string Words)[] Known =
    [
        (Selector("NotPermitted()"), "the contract does not permit this sender; its administrator must grant it"),
        (Selector("ZeroRoot()"), "the contract takes no zero root"),
        (Selector("Stale(uint64)"), "the contract has an anchor of this or a larger size already"),
    ];

    public static string Explain(FaultException refused)
    {
        var data = (refused.InnerException as RpcErrorException)?.ErrorData ?? "";
        return Array.Find(Known, k => data.StartsWith(k.Selector, StringComparison.Ordinal)).Words ?? refused.Message;
    }

    private static string Selector(string signature) => Hex.Of(Keccak256.Hash(Encoding.ASCII.GetBytes(signature)).AsSpan(0, 4));
}
