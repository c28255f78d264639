using System.Runtime.InteropServices;

namespace Notary.Evidence;

internal static class Spans
{
    /// <summary>The list's own memory where it has one, else a copy.</summary>
    public static ReadOnlySpan<Digest> Of(IReadOnlyList<Digest> list) => list switch
    {
        Digest[] array => array,
        List<Digest> growing => CollectionsMarshal.AsSpan(growing),
        _ => list.ToArray(),
    };
}
