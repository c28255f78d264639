namespace Notary.Evidence.Batches;

/// <summary>One line that keeps a batch from being taken.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Code">Stable, in kebab case.</param>
public sealed record BatchRefusal(long Line, string Code);

/// <summary>A batch was refused; nothing of it was taken.</summary>
/// <param name="refusals">The first ones by line, at most <see cref="MostTold"/>: there the reading ended.</param>
public sealed class BatchRefusedException(IReadOnlyList<BatchRefusal> refusals)
    : Exception($"lines are refused and nothing was taken, first line {refusals[0].Line}: {refusals[0].Code}")
{
    /// <summary>Refusals told: enough to see what is wrong with a list, not a copy of it.</summary>
    public const int MostTold = 100;

    public IReadOnlyList<BatchRefusal> Refusals { get; } = refusals;
}

/// <summary>What can be wrong with a line.</summary>
internal static class LineCodes
{
    public const string Json = "line-json";
    public const string Long = "line-long";
    public const string Encoding = "line-encoding";
    public const string Members = "line-members";
    public const string Digest = "digest";
    public const string Name = "name";
    public const string Size = "size";
    public const string MediaType = "media-type";
    public const string Notes = "notes";
    public const string Reference = "reference";
    public const string TooMany = "too-many-items";
}
