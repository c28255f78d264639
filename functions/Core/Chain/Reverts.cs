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

    /// <summary>The larger (or equal) size that is in the way, when that is why it was refused.</summary>
    public static long? StaleBehind(FaultException refused)
        => (refused.InnerException as RpcErrorException)?.ErrorData is { } data && data.StartsWith(Selector("Stale(uint64)"), StringComparison.Ordinal) && data.Length == 10 + 64
            ? Hex.Long("0x" + data[10..])
            : null;

    public static string Explain(FaultException refused)
    {
        var data = (refused.InnerException as RpcErrorException)?.ErrorData ?? "";
        return Array.Find(Known, k => data.StartsWith(k.Selector, StringComparison.Ordinal)).Words ?? refused.Message;
    }

    private static string Selector(string signature) => Hex.Of(Keccak256.Hash(Encoding.ASCII.GetBytes(signature)).AsSpan(0, 4));
}
