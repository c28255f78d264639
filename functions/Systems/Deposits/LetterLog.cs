namespace Notary.Deposits;

/// <summary>What the workbook lists (infra/portal/workbook.json).</summary>
internal static partial class LetterLog
{
    [LoggerMessage(4008, LogLevel.Error, "no letter for deposit {Deposit} of {Tenant}: {Reason}")]
    public static partial void Refused(ILogger log, string deposit, string tenant, string reason);
}
