namespace Notary.Lotteries;

/// <summary>Names of a draw's public files, also in its bundle.</summary>
public static class FileNames
{
    public const string Plan = "plan.json";
    public const string Draw = "draw.json";
    public const string List = "public.csv";
    public const string Reveals = "reveals.json";
    public const string Result = "result.json";
    public const string Winners = "winners.csv";
    public const string Approvals = "approvals.json";
    public const string Bundle = "bundle.zip";
    public const string Certificate = "certificate.pdf";

    /// <summary>In the order of a draw's life.</summary>
    public static IReadOnlyList<string> All { get; } = [Plan, Draw, List, Reveals, Result, Winners, Approvals, Bundle, Certificate];

    /// <summary>The file's media type.</summary>
    public static string MediaType(string name) => Path.GetExtension(name) switch
    {
        ".json" => "application/json",
        ".csv" => "text/csv; charset=utf-8",
        ".zip" => "application/zip",
        _ => "application/pdf",
    };
}

/// <summary>What people write.</summary>
internal static class Texts
{
    /// <exception cref="FaultException">Malformed.</exception>
    public static void Demand(string text, int least, int most, string what)
    {
        if (text.Length < least || text.Length > most || (least > 0 && string.IsNullOrWhiteSpace(text)))
            throw new FaultException(Fault.Malformed, $"{what} has {least} to {most} characters");

        if (text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')))
            throw new FaultException(Fault.Malformed, $"{what} holds no control characters");

        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[++i])))
                throw new FaultException(Fault.Malformed, $"{what} holds half of a surrogate pair");
        }
    }
}
