namespace Notary.Pages.Limits;

/// <summary>A tenant's limits, as pages show them.</summary>
/// <param name="Requests">A minute.</param>
/// <param name="Items">Deposited, a minute.</param>
/// <param name="Bytes">Of bodies with something to deposit, a minute.</param>
/// <param name="Uploads">Under way at once.</param>
/// <param name="Stored">Bytes kept in all.</param>
public sealed record LimitsShown(long Requests, long Items, long Bytes, long Uploads, long Stored);

/// <summary>What the operator set for one tenant, and what is for all: the form that changes it.</summary>
/// <param name="Name">The field's.</param>
/// <param name="Own">What he set; null: as for all.</param>
/// <param name="All">What is for all.</param>
public sealed record LimitField(string Name, long? Own, long All);

internal static class LimitTexts
{
    public static Words Of(string name) => name switch
    {
        "requestsPerMinute" => ("每分钟请求数", "Requests a minute"),
        "itemsPerMinute" => ("每分钟存证项数", "Items a minute"),
        "bytesPerMinute" => ("每分钟字节数", "Bytes a minute"),
        "uploadsAtOnce" => ("同时上传数", "Uploads at once"),
        "storedBytes" => ("保管总字节数", "Bytes kept in all"),
        _ => name,
    };

    /// <summary>With its thousands apart.</summary>
    public static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
