namespace Notary.Host.Composition;

/// <summary>A setting is missing or wrong. The message is one sentence: its name, and what it should be. It never repeats the value,
/// which may be a secret.</summary>
public sealed class SettingException(string name, string should) : Exception($"{name} should be {should}.")
{
    public string Setting { get; } = name;
}

/// <summary>Reads single values by <see cref="Setting"/>, each check naming the setting it fails on.</summary>
internal sealed class SettingsReader(Func<string, string?> variable)
{
    // Application settings cannot hold bare line feeds everywhere; a PEM pasted with literal \n is understood.
    private const string EscapedLineFeed = "\\n";

    public string? Find(Setting setting, int? index = null)
    {
        var value = variable(NameOf(setting, index));
        return string.IsNullOrWhiteSpace(value) ? setting.Default : value.Trim();
    }

    public string Text(Setting setting, int? index = null, int maxLength = 4096)
    {
        var value = Find(setting, index) ?? throw Wrong(setting, index, "is not set");
        return value.Length <= maxLength ? value : throw Wrong(setting, index);
    }

    public string Match(Setting setting, Regex form, int? index = null)
    {
        var value = Text(setting, index);
        return form.IsMatch(value) ? value : throw Wrong(setting, index);
    }

    public long Number(Setting setting, long min, long max)
        => long.TryParse(Text(setting), NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value
            : throw Wrong(setting);

    public TimeSpan Days(Setting setting, int min, int max) => TimeSpan.FromDays(Number(setting, min, max));

    public TimeSpan Seconds(Setting setting, int min, int max) => TimeSpan.FromSeconds(Number(setting, min, max));

    /// <summary>An absolute http or https URL; with <paramref name="secure"/>, http only where the packet cannot leave the machine.</summary>
    public Uri Url(Setting setting, bool secure, int? index = null) => ParseUrl(Text(setting, index), secure) ?? throw Wrong(setting, index);

    public Uri[] Urls(Setting setting)
    {
        Uri[] urls = [.. Text(setting).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(u => ParseUrl(u, secure: false) ?? throw Wrong(setting))];
        return urls.Length > 0 ? urls : throw Wrong(setting);
    }

    public X509Certificate2[] Certificates(Setting setting, int? index = null)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(Text(setting, index, maxLength: 262_144).Replace(EscapedLineFeed, "\n", StringComparison.Ordinal));
        }
        catch (CryptographicException)
        {
            throw Wrong(setting, index);
        }

        return certificates.Count > 0 ? [.. certificates] : throw Wrong(setting, index);
    }

    public bool Present(Setting setting, int? index = null) => !string.IsNullOrWhiteSpace(variable(NameOf(setting, index)));

    public static SettingException Wrong(Setting setting, int? index = null, string? problem = null)
        => new(NameOf(setting, index), setting.Unit + (problem is null ? "" : $", but it {problem}"));

    private static string NameOf(Setting setting, int? index)
        => index is { } n ? setting.Name.Replace("{n}", n.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal) : setting.Name;

    private static Uri? ParseUrl(string text, bool secure)
        => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.UserInfo.Length == 0
            && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && (!secure || uri.IsLoopback)))
            ? uri
            : null;
}
