namespace Notary.Recorder.View;

/// <summary>How the view is met from outside this machine.</summary>
/// <param name="Ancestor">The one origin whose pages may show it in a frame; null, and none may.</param>
/// <param name="Url">Where a proxy shows it, with <c>{port}</c> for the gate's own; null, and links lead to 127.0.0.1.</param>
public sealed record ViewPlace(string? Ancestor = null, string? Url = null)
{
    /// <summary>What stands for the gate's port.</summary>
    public const string Port = "{port}";

    /// <summary>The origin that an address names and nothing else; null when it names more or none.</summary>
    public static string? Origin(string text)
        => Address(text) is { PathAndQuery: "/", Fragment: "" } url ? url.GetLeftPart(UriPartial.Authority) : null;

    /// <summary>The template, when it makes an address that a browser may be led to: one folder, by TLS unless it is this machine's.</summary>
    public static string? Template(string text)
        => Address(At(text, 1)) is { Query: "", Fragment: "" } url && url.AbsolutePath.EndsWith('/')
            && (url.Scheme == Uri.UriSchemeHttps || url.IsLoopback) ? text : null;

    /// <summary>Where the view is, of a gate that listens there.</summary>
    internal Uri Of(Uri gate) => Url is null ? gate : new Uri(At(Url, gate.Port));

    private static string At(string template, int port) => template.Replace(Port, port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    private static Uri? Address(string text)
        => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.UserInfo.Length == 0
            && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps) ? url : null;
}
