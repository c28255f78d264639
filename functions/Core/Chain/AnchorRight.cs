namespace Notary.Chain;

/// <summary>Why a contract does not permit a sender: asked of the consortium when it happens, and of nobody before.</summary>
internal static class AnchorRight
{
    // Membership.sol: enum Status, and the bit of a service node.
    private const int Suspended = 2;
    private const int Removed = 3;
    private const int Service = 2;

    /// <param name="refused">The contract's refusal.</param>
    /// <param name="contract">Either kind of anchor contract: the earlier one has no consortium to ask.</param>
    public static async Task<string> ExplainAsync(
        ChainClient chain, Address contract, Address account, FaultException refused, CancellationToken cancel)
    {
        if (!Reverts.IsNotPermitted(refused))
            return Reverts.Explain(refused);

        var (anchor, members) = (ContractArtifact.ConsortiumAnchor, ContractArtifact.Consortium);
        try
        {
            var answer = await chain.CallAsync(contract, anchor.Call("consortium"), cancel).ConfigureAwait(false);
            var consortium = Address.Parse(anchor.Read<string>("consortium", answer));
            var key = members.ReadAll("keys", await chain.CallAsync(consortium, members.Call("keys", account), cancel).ConfigureAwait(false));
            var number = Number(key["member"]);
            if (number == 0)
                return $"the consortium {consortium} does not let {account} anchor: it is no member's account";

            var told = await chain.CallAsync(consortium, members.Call("memberOf", (int)number), cancel).ConfigureAwait(false);
            return $"the consortium {consortium} does not let {account} anchor: {Standing(number, members.ReadAll("memberOf", told), key)}";
        }
        catch (FaultException e) when (e.Fault is Fault.ChainRefused)
        {
            return Reverts.Explain(refused);
        }
    }

    private static string Standing(BigInteger number, IReadOnlyDictionary<string, object> member, IReadOnlyDictionary<string, object> key)
        => (int)Number(member["status"]) switch
        {
            Removed => $"member {number} is removed",
            Suspended => $"member {number} is suspended ({member["reason"]})",
            _ when key["retired"] is true => $"it is an account that member {number} has retired",
            _ when ((int)Number(member["nodes"]) & Service) == 0 => $"member {number} has no service node",
            _ => $"as an account of member {number} it is valid from {Date(key["from"])} until {Date(key["until"])}",
        };

    private static BigInteger Number(object value) => BigInteger.Parse(Convert.ToString(value, CultureInfo.InvariantCulture)!, CultureInfo.InvariantCulture);

    private static string Date(object seconds)
        => DateTimeOffset.FromUnixTimeSeconds((long)BigInteger.Min(Number(seconds), uint.MaxValue))
            .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
