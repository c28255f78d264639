namespace Notary.Pages;

/// <summary>What a page may do in the reader's browser (Content Security Policy 3): by itself nothing but show its style sheet and images,
/// and send its forms to where it came from.</summary>
public sealed record PagePolicy
{
    /// <summary>No script at all.</summary>
    public static PagePolicy Plain { get; } = new();

    /// <summary>Whether scripts and workers among the assets may run.</summary>
    public bool Scripts { get; init; }

    /// <summary>What scripts may speak to, such as <c>'self'</c> or an origin.</summary>
    public IReadOnlyList<string> Connect { get; init; } = [];

    /// <summary>Whether its script may show a video that it puts together itself.</summary>
    public bool Video { get; init; }

    /// <summary>Origins whose pages it shows in a frame.</summary>
    public IReadOnlyList<string> Frames { get; init; } = [];

    /// <summary>Origins besides its own that a form may lead to, also by way of a redirect.</summary>
    public IReadOnlyList<string> Forms { get; init; } = [];

    /// <summary>The header's value.</summary>
    public override string ToString()
        => "default-src 'none'; style-src 'self'; img-src 'self'; "
            + (Scripts ? "script-src 'self'; worker-src 'self'; " : "")
            + (Video ? "media-src blob:; " : "")
            + (Frames.Count > 0 ? $"frame-src {string.Join(' ', Frames)}; " : "")
            + $"connect-src {(Connect.Count > 0 ? string.Join(' ', Connect) : "'none'")}; "
            + $"form-action {string.Join(' ', Forms.Prepend("'self'"))}; frame-ancestors 'none'; base-uri 'none'";
}
