namespace Notary.Letters.Layout;

/// <summary>A colour in DeviceRGB, 0–1.</summary>
internal readonly record struct Ink(double Red, double Green, double Blue)
{
    public static readonly Ink Black = new(0.10, 0.10, 0.12);
    public static readonly Ink Grey = new(0.38, 0.38, 0.42);
    public static readonly Ink Hairline = new(0.78, 0.78, 0.80);
    public static readonly Ink Tint = new(0.955, 0.95, 0.94);
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
/// <param name="Bold">Outlines are thickened by a stroke: one font program serves both weights.</param>
/// <param name="Tracking">Extra space after each character, points.</param>
internal readonly record struct Style(double Size, double Leading, Ink Ink, bool Bold = false, double Tracking = 0);
