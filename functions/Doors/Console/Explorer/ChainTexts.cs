using System.Globalization;
using Notary.Chain.Explorer;

namespace Notary.Pages.Explorer;

/// <summary>How the explorer says things.</summary>
internal static class ChainTexts
{
    /// <summary>Where it begins.</summary>
    public const string Start = "/chain";

    public static string Block(long number) => $"{Start}/blocks/{Number(number)}";

    public static string Transaction(string hash) => $"{Start}/transactions/{hash}";

    public static string Account(string address) => $"{Start}/accounts/{address}";

    /// <summary>Ungrouped: it is copied and searched for.</summary>
    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>For counting.</summary>
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A hash or an address by its ends, where the whole one is a click away.</summary>
    public static string Short(string hash) => hash.Length <= 14 ? hash : $"{hash[..8]}…{hash[^4..]}";

    public static Words State(NodeState state) => state switch
    {
        NodeState.InStep => ("同步", "in step"),
        NodeState.Behind => ("落后", "behind"),
        NodeState.Forked => ("分叉", "forked"),
        _ => ("无应答", "silent"),
    };

    public static string Tone(NodeState state) => state switch { NodeState.InStep => "ok", NodeState.Forked => "bad", _ => "unknown" };

    public static Words Kind(AccountKind kind) => kind switch
    {
        AccountKind.Anchor => ("锚定合约", "anchor contract"),
        AccountKind.FormerAnchor => ("先前的锚定合约", "earlier anchor contract"),
        AccountKind.Consortium => ("联盟治理合约", "the consortium's contract"),
        AccountKind.Contract => ("合约", "contract"),
        _ => ("账户", "account"),
    };

    /// <summary>What depth means to a reader; 0 is a block that the chain has left.</summary>
    public static Words Depth(long depth) => depth == 0 ? ("已不在链上", "not on the chain any more")
        : ($"{Count(depth)} 个区块", $"{Count(depth)} {(depth == 1 ? "block" : "blocks")}");
}
