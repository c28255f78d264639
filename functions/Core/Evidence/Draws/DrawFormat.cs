namespace Notary.Evidence.Draws;

/// <summary>docs/draw-format.md as it was when this program was built: what a draw names as its specification.</summary>
public static class DrawFormat
{
    private static readonly byte[] Bytes = Read();

    /// <summary>The file, UTF-8.</summary>
    public static ReadOnlySpan<byte> Document => Bytes;

    /// <summary>Its SHA-256: <c>specDigest</c>.</summary>
    public static Digest Digest { get; } = Digest.Of(Bytes);

    private static byte[] Read()
    {
        using var resource = typeof(DrawFormat).Assembly.GetManifestResourceStream("draw-format.md")!;
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }
}
