namespace Notary.Cli;

/// <summary>Signed Ethereum transactions: decoded, hashed, and their sender recovered.</summary>
internal static class TransactionOracle
{
    public static Answer Judge(Fields line)
    {
        try
        {
            var t = SignedTransaction.Decode(line.Bytes("transaction"));
            return Answer.Pass(
                "a signed transaction",
                ("type", t.Type),
                ("hash", "0x" + Convert.ToHexStringLower(t.Hash)),
                ("sender", t.Sender.ToString()),
                ("to", t.To?.ToString()),
                ("chainId", t.ChainId),
                ("nonce", t.Nonce),
                ("gasLimit", t.GasLimit),
                ("maxFeePerGas", t.MaxFeePerGas.ToString(CultureInfo.InvariantCulture)),
                ("maxPriorityFeePerGas", t.MaxPriorityFeePerGas.ToString(CultureInfo.InvariantCulture)),
                ("value", t.Value.ToString(CultureInfo.InvariantCulture)),
                ("data", Convert.ToBase64String(t.Data)));
        }
        catch (FaultException e)
        {
            return Answer.Fail(e.Fault.Code(), e.Message);
        }
    }
}
