namespace Notary.Evidence.Draws;

/// <summary>Which column of a CSV is which; −1 for one that it does not have.</summary>
internal sealed record Columns(int Count, int Id, int Name, int Group, int Weight)
{
    public const int Most = 4;

    /// <summary>Reads the first line, without its end.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>: it does not name the columns.</exception>
    public static Columns Parse(ReadOnlySpan<byte> line)
    {
        string[] names = line.Length > 64 ? [] : Encoding.UTF8.GetString(line is [.., (byte)'\r'] ? line[..^1] : line).Split(',');
        if (names.Except(["id", "name", "group", "weight"]).Any() || names.Distinct().Count() != names.Length || !names.Contains("id"))
        {
            throw new FaultException(Fault.Malformed,
                "the list's first line must name its columns: id and any of name, group, weight, with commas between them and nothing else");
        }

        return new Columns(names.Length, At("id"), At("name"), At("group"), At("weight"));

        int At(string name) => Array.IndexOf(names, name);
    }
}

/// <summary>Groups in the order of their bytes.</summary>
internal static class Groups
{
    /// <summary>As bytes; the one nameless group where the rules have none.</summary>
    public static byte[][] Of(DrawRules rules) => rules.Groups.Count == 0 ? [[]] : [.. rules.Groups.Select(Encoding.UTF8.GetBytes)];

    /// <summary>Its place, or −1.</summary>
    public static int IndexOf(byte[][] groups, ReadOnlySpan<byte> wanted)
    {
        var (low, high) = (0, groups.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = wanted.SequenceCompareTo(groups[middle]);
            if (order == 0)
                return middle;

            (low, high) = order < 0 ? (low, middle - 1) : (middle + 1, high);
        }

        return -1;
    }
}
