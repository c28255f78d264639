namespace Notary.Evidence.Batches;

/// <summary>The id of an item: its batch's, a dot, its number from 0 without leading zeros.</summary>
public readonly record struct ItemId(DepositId Batch, int Number)
{
    /// <summary>Reads the id in either case, as callers send it.</summary>
    public static bool TryParse(string? text, out ItemId id)
    {
        id = default;
        if (text?.IndexOf('.', StringComparison.Ordinal) is not ({ } dot and >= 0) || !DepositId.TryParseAnyCase(text[..dot], out var batch)
            || !int.TryParse(text.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || number >= BatchFormat.MaxItems || number.ToString(CultureInfo.InvariantCulture) != text[(dot + 1)..])
        {
            return false;
        }

        id = new ItemId(batch, number);
        return true;
    }

    public override string ToString() => $"{Batch}.{Number.ToString(CultureInfo.InvariantCulture)}";
}
