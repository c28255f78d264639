namespace Notary.Storage;

/// <summary>The parts of a storage connection string that the table client needs; the SDK's clients read the string themselves.</summary>
internal sealed record ConnectionString(string AccountName, byte[] AccountKey, Uri TableEndpoint)
{
    private const string EmulatorAccount = "devstoreaccount1";

    /// <summary>The emulator's published key: no secret.</summary>
    private const string EmulatorKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    /// <exception cref="ArgumentException">A part is missing or unreadable. The message never repeats a value: one of them is the key.</exception>
    public static ConnectionString Parse(string text)
    {
        var parts = text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(part => part.Split('=', 2))
            .ToLookup(part => part[0], part => part.Length == 2 ? part[1] : "", StringComparer.OrdinalIgnoreCase);
        string? Part(string name) => parts[name].FirstOrDefault();

        if (string.Equals(Part("UseDevelopmentStorage"), "true", StringComparison.OrdinalIgnoreCase))
        {
            return new(EmulatorAccount, Convert.FromBase64String(EmulatorKey), new Uri($"http://127.0.0.1:10002/{EmulatorAccount}"));
        }

        var account = Part("AccountName") ?? throw Missing("AccountName");
        var key = new byte[(Part("AccountKey") ?? throw Missing("AccountKey")).Length];
        if (!Convert.TryFromBase64String(Part("AccountKey")!, key, out var length))
        {
            throw new ArgumentException("the storage connection string's AccountKey is not base64");
        }

        var endpoint = Part("TableEndpoint") ?? $"{Part("DefaultEndpointsProtocol") ?? "https"}://{account}.table.{Part("EndpointSuffix") ?? "core.windows.net"}";
        return Uri.TryCreate(endpoint, UriKind.Absolute, out var uri)
            ? new(account, key[..length], uri)
            : throw new ArgumentException("the storage connection string's TableEndpoint is not an address");
    }

    private static ArgumentException Missing(string part) => new($"the storage connection string has no {part}");
}
