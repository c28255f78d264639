namespace Notary.Deposits;

/// <summary>Gets the tokens that are still missing.</summary>
internal static class Stamps
{
    /// <summary>Asks the authorities that are missing from <paramref name="have"/>. What came is to be kept, even while another authority is out.</summary>
    public static Task<StampResult> CompleteAsync(
        TimeAuthorities authorities, Digest imprint, IReadOnlyDictionary<string, byte[]> have, CancellationToken cancel)
        => authorities.StampAllAsync(imprint, [.. have.Select(token => new StampedToken(token.Key, token.Value, default))], cancel);

    /// <summary>The new tokens as columns of a row.</summary>
    public static Dictionary<string, object> Columns(StampResult stamped)
        => stamped.Tokens.ToDictionary(token => DepositRow.TokenColumn(token.Authority), token => (object)token.Token, StringComparer.Ordinal);
}
