namespace Notary.Letters.Layout;

/// <summary>A colour in DeviceRGB, 0–1.</summary>
internal readonly record struct Ink(double Red, double Green, double Blue)
{
    public static readonly Ink Black = new(0.10, 0.10, 0.12);
    public static readonly Ink Slate = new(0.16, 0.30, 0.50);
    public static readonly Ink Grey = new(0.38, 0.38, 0.42);
    public static readonly Ink Hairline = new(0.78, 0.78, 0.80);
    public static readonly Ink Tint = new(0.955, 0.95, 0.94);

    /// <summary>Large and under the text, which stays legible on it.</summary>
    public static readonly Ink Pale = new(0.93, 0.86, 0.86);
    public static readonly Ink Seal = new(0.68, 0.10, 0.12);
}

internal enum Side
{
    Left,
    Centre,
    Right,
}

/// <summary>How a text is set.</summary>
/// <param name="Size">Font size, points.</param>
/// <param name="Leading">From one baseline to the next, points.</param>
/// <param name="Ink">Colour.</param>
/// <param name="Tracking">Extra space after each character, points.</param>
/// <param name="Grouped">A number of many digits, read in groups of <see cref="Digits"/> and yet found and copied as one word.</param>
internal readonly record struct Style(double Size, double Leading, Ink Ink, double Tracking = 0, bool Grouped = false)
{
    /// <summary>How many digits people compare at once.</summary>
    public const int Digits = 8;

    /// <summary>Between two groups, in thousandths of the size. From 100 on readers take a gap for a blank.</summary>
    public const int Gap = 90;
}
