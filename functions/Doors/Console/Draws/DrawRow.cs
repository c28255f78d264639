namespace Notary.Pages.Draws;

/// <summary>A line of the public list as a page shows it.</summary>
/// <param name="Position">From 1.</param>
public sealed record CandidateRow(long Position, string Handle, int Weight, string Group, string Name);

/// <summary>A line of winners.csv as a page shows it.</summary>
/// <param name="Reserve">Whether the place is on the reserve list.</param>
/// <param name="Rank">From 1, among winners or reserves.</param>
public sealed record WinnerRow(int Round, bool Reserve, long Rank, long Position, string Number, string Group, string Name)
{
    private const int Fields = 10;

    /// <summary>Null for what is no such line: the names of the columns, and an end that was cut off.</summary>
    internal static WinnerRow? Read(string line)
        => line.Split(',') is { Length: Fields } row && int.TryParse(row[0], NumberStyles.None, CultureInfo.InvariantCulture, out var round)
            ? new WinnerRow(round, row[1] == "reserve", Whole(row[2]), Whole(row[3]), row[6], row[7], row[9]) : null;

    private static long Whole(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
