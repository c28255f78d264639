namespace Notary.Evidence.Ethereum;

/// <summary>The ABI of <c>ConsortiumAnchor.sol</c>, as far as it has more than <see cref="AnchorContract"/>, and of the earlier contract's closing
/// (docs/consortium.md).</summary>
public static class ConsortiumAnchorContract
{
    private static readonly Dictionary<string, string> Errors = new[]
    {
        "NotPermitted()", "ZeroRoot()", "Stale(uint64)", "NotOpen()", "OpenAlready()", "NotCloser()", "NotAdmin()", "ZeroAdmin()",
    }.ToDictionary(
        e => Hex.Of(Keccak256.Hash(Encoding.ASCII.GetBytes(e)).AsSpan(0, 4)), e => e[..e.IndexOf('(', StringComparison.Ordinal)], StringComparer.Ordinal);

    /// <summary>SHA-256 of the code at its address: it takes no arguments into its code, so all have this one.</summary>
    public static Digest Code { get; } = Digest.Parse("ea4e3316c4dca76843644bb70ae1bfffe4b9ad5c95ca1a063c9091cbd2b57831");

    /// <summary>The same of <c>EvidenceAnchor.sol</c>.</summary>
    public static Digest FormerCode { get; } = Digest.Parse("bd527f9709f1d2a469b59b16d583876233d6afcf5403052d7ff6ace8cfb258a5");

    /// <summary>The first topic of the earlier contract's <c>Granted</c>; the account is the next one.</summary>
    public static byte[] Granted { get; } = Keccak256.Hash("Granted(address)"u8);

    /// <summary>The constructor's arguments.</summary>
    /// <param name="former">The contract it is to go on from; the zero address for none.</param>
    public static byte[] EncodeDeployment(Address consortium, Address former) => AbiValue.Encode([AbiValue.Of(consortium), AbiValue.Of(former)]);

    /// <summary>A question that takes nothing, such as <c>former</c>, <c>formerSize</c>, <c>open</c>, <c>closer</c>, <c>consortium</c>, <c>latest</c>,
    /// or the earlier contract's <c>admin</c>.</summary>
    public static byte[] EncodeAsk(string name) => AbiValue.Call($"{name}()");

    /// <summary>The earlier contract's question whether an account may anchor there.</summary>
    public static byte[] EncodePermitted(Address account) => AbiValue.Call("permitted(address)", AbiValue.Of(account));

    /// <summary>The earlier contract's.</summary>
    public static byte[] EncodeChangeAdmin(Address next) => AbiValue.Call("changeAdmin(address)", AbiValue.Of(next));

    /// <param name="permitted">All who may still anchor at the earlier contract.</param>
    public static byte[] EncodeTakeOver(IReadOnlyList<Address> permitted)
        => AbiValue.Call("takeOver(address[])", new AbiValue.List([.. permitted.Select(p => AbiValue.Of(p))]));

    /// <summary>Shuts out whom <c>takeOver</c>'s list forgot.</summary>
    public static byte[] EncodeClose(Address member) => AbiValue.Call("close(address)", AbiValue.Of(member));

    /// <summary>The stable name of the error that either anchor contract answered with; null for any other data.</summary>
    public static string? ErrorName(string revert) => revert.Length >= 10 && Errors.TryGetValue(revert[..10], out var name) ? name : null;
}
