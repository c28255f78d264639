namespace Notary.Evidence.Draws;

/// <summary>One row that keeps a list from being taken.</summary>
/// <param name="Line">On which the row begins, from 1.</param>
/// <param name="Code">Stable, in kebab case.</param>
/// <param name="FirstLine">For an id that was there before: where; else 0.</param>
public sealed record ListRefusal(long Line, string Code, long FirstLine = 0)
{
    /// <summary>One sentence for whoever mends the list. Holds nothing of the row: rows are about people.</summary>
    public override string ToString() => $"line {Line}: {Reason}";

    private string Reason => Code switch
    {
        Codes.Fields => "not as many fields as the first line, or a member missing, unknown, repeated or of another type",
        Codes.Quotes => "a quote in a field that is not quoted, or a quoted field that does not end or goes on after its quote",
        Codes.Json => "not one JSON object",
        Codes.RowLong => $"longer than {CandidateReader.MaxRow} bytes; a quote that is never closed does this",
        Codes.Encoding => "not in the encoding that was named",
        Codes.IdEmpty => "the id is empty",
        Codes.IdRepeated => $"the id of line {FirstLine} again",
        Codes.GroupUnknown => "a group that the rules do not have",
        Codes.Weight => "the weight is not a whole number from 1 to 100 in ASCII digits",
        "id-long" => $"the id is longer than {CandidateText.MaxId} bytes",
        "name-long" => $"the name is longer than {CandidateText.MaxName} bytes",
        "group-long" => $"the group is longer than {CandidateText.MaxGroup} bytes",
        _ => $"the {Code.Split('-')[0]} has a character that is not permitted there",
    };
}

/// <summary>What can be wrong with a row.</summary>
internal static class Codes
{
    public const string Fields = "row-fields";
    public const string Quotes = "row-quotes";
    public const string Json = "row-json";
    public const string RowLong = "row-long";
    public const string Encoding = "row-encoding";
    public const string IdEmpty = "id-empty";
    public const string IdRepeated = "id-repeated";
    public const string GroupUnknown = "group-unknown";
    public const string Weight = "weight";

    public static string Long(CandidateField field) => $"{field.ToString().ToLowerInvariant()}-long";

    public static string Character(CandidateField field) => $"{field.ToString().ToLowerInvariant()}-character";
}

/// <summary>A list was refused; nothing of it was taken.</summary>
/// <param name="refusals">The first ones by line, at most <see cref="MostTold"/>.</param>
/// <param name="total">How many there are.</param>
public sealed class ListRefusedException(IReadOnlyList<ListRefusal> refusals, long total)
    : Exception($"{total} {(total == 1 ? "row is" : "rows are")} refused and nothing was taken; {refusals[0]}")
{
    /// <summary>Refusals told: enough to see what is wrong with a list, not a copy of it.</summary>
    public const int MostTold = 100;

    public IReadOnlyList<ListRefusal> Refusals { get; } = refusals;

    public long Total { get; } = total;
}
