namespace Notary.Pages.Depositing;

/// <summary>How deposits are called and shown, wherever they are.</summary>
internal static class DepositTexts
{
    private const double Step = 1024;
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB"];

    /// <summary>The first item's name and how many more there are.</summary>
    public static string Title(DepositView deposit, Language language)
    {
        var name = deposit.Items.Count > 0 && deposit.Items[0].Name is { Length: > 0 } first ? first : deposit.Id;
        return deposit.Items.Count < 2 ? name
            : language == Language.Chinese ? $"{name} 等 {deposit.Items.Count} 项" : $"{name} and {deposit.Items.Count - 1} more";
    }

    /// <summary>The tag's class.</summary>
    public static string Tone(DepositState state)
        => state switch { DepositState.Certified => "ok", DepositState.Failed => "bad", _ => "unknown" };

    /// <summary>Bytes, and above a KiB the rounded size before them.</summary>
    public static string Size(long bytes) => bytes < Step ? ShortSize(bytes) : $"{ShortSize(bytes)} ({bytes} B)";

    /// <summary>Bytes, rounded above a KiB.</summary>
    public static string ShortSize(long bytes)
    {
        var (value, unit) = ((double)bytes, 0);
        for (; value >= Step && unit < Units.Length - 1; unit++)
            value /= Step;

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {Units[unit]}");
    }
}
