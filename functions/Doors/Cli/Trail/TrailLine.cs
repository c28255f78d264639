namespace Notary.Cli;

/// <summary>One entry of the trail as it lies there, read by the layout that docs/operations.md states and by no code of the room that writes.</summary>
internal sealed record TrailLine(string Where, long Number, string Previous, DateTimeOffset At, string Who, Digest Hash)
{
    /// <summary>What stands in <c>previous</c> of the first entry.</summary>
    public static readonly string None = new('0', 2 * Digest.Size);

    private const string Format = "notary-trail/1";

    /// <summary>Reads an entry; null when it is none, which is a finding.</summary>
    public static TrailLine? Read(string where, byte[] bytes, Findings findings)
    {
        try
        {
            using var document = Jcs.ParseCanonical(bytes);
            var json = document.RootElement;
            if (json.GetProperty("format").GetString() != Format)
                throw new FaultException(Fault.Malformed, $"its format is not {Format}");

            findings.Count("entries");
            return new TrailLine(where, json.GetProperty("number").GetInt64(), json.GetProperty("previous").GetString() ?? "",
                json.GetProperty("at").GetDateTimeOffset(), json.GetProperty("who").GetProperty("id").GetString() ?? "", Digest.Of(bytes));
        }
        catch (Exception e) when (e is FaultException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            findings.Add("T1", where, "entry-malformed", $"no entry of the trail: {e.Message}");
            return null;
        }
    }
}
