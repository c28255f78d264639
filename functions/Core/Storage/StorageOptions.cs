namespace Notary.Storage;

/// <summary>Where Azure Storage is: a connection string, or three service addresses used with a token credential.</summary>
/// <remarks>
/// In Azure use the addresses and a managed identity: a connection string holds the account key, which opens everything.
/// When both are given the connection string wins.
/// </remarks>
public sealed class StorageOptions
{
    /// <summary>A storage connection string, such as Azurite's. Default none.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Such as <c>https://account.blob.core.windows.net</c>. Default none.</summary>
    public Uri? BlobServiceUri { get; set; }

    /// <summary>Such as <c>https://account.queue.core.windows.net</c>. Default none.</summary>
    public Uri? QueueServiceUri { get; set; }

    /// <summary>Such as <c>https://account.table.core.windows.net</c>. Default none.</summary>
    public Uri? TableServiceUri { get; set; }

    /// <summary>Bytes of one staged block of an original, 1 to 100 MiB. Default 8 MiB.</summary>
    /// <remarks>A blob has at most 50,000 blocks: 8 MiB allows 390 GiB. Memory is about blocks × <see cref="UploadConcurrency"/> × 2 for each upload.</remarks>
    public int UploadBlockBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>Blocks of one original staged at once, 1 to 16. Default 4.</summary>
    public int UploadConcurrency { get; set; } = 4;

    /// <summary>Refuses at start-up what could only fail later, naming the setting.</summary>
    /// <exception cref="ArgumentException">A setting is missing or out of range.</exception>
    public void Validate()
    {
        if (ConnectionString is null)
        {
            Require(BlobServiceUri, nameof(BlobServiceUri));
            Require(QueueServiceUri, nameof(QueueServiceUri));
            Require(TableServiceUri, nameof(TableServiceUri));
        }

        RequireRange(UploadBlockBytes, 1024 * 1024, 100 * 1024 * 1024, nameof(UploadBlockBytes));
        RequireRange(UploadConcurrency, 1, 16, nameof(UploadConcurrency));
    }

    private static void Require(Uri? address, string setting)
    {
        if (address is not { IsAbsoluteUri: true })
            throw new ArgumentException($"Storage:{setting} must be an absolute address when Storage:ConnectionString is absent");
    }

    private static void RequireRange(int value, int least, int most, string setting)
    {
        if (value < least || value > most)
            throw new ArgumentException($"Storage:{setting} must be {least} to {most}, not {value}");
    }
}
