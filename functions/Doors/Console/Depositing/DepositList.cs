namespace Notary.Pages.Depositing;

/// <summary>What a tenant's list shows, and what was asked for; texts as they were typed.</summary>
public sealed record DepositList
{
    /// <summary>One page, newest first; by digest oldest first.</summary>
    public DepositPage Page { get; init; } = new([], null);

    /// <summary>Words in a name or a note.</summary>
    public string? Text { get; init; }

    /// <summary>SHA-256 of an item.</summary>
    public string? Digest { get; init; }

    /// <summary>Manifest digest of a deposit whose chain is shown.</summary>
    public string? Chain { get; init; }

    /// <summary>The first day, <c>yyyy-MM-dd</c> in UTC+08:00.</summary>
    public string? Since { get; init; }

    /// <summary>The last day.</summary>
    public string? Until { get; init; }

    /// <summary>Whether this is a later page.</summary>
    public bool Continued { get; init; }

    /// <summary>What was wrong with what was asked; then the page is empty.</summary>
    public Words? Error { get; init; }

    /// <summary>Whether anything limits the list.</summary>
    public bool Filtered => Asked.Any();

    /// <summary>The list's address with a place to go on from; at its beginning without one.</summary>
    public string At(string? continuation)
        => "/deposits" + QueryString.Create(continuation is null ? Asked : Asked.Append(new("continuation", continuation)));

    private IEnumerable<KeyValuePair<string, string?>> Asked
        => new KeyValuePair<string, string?>[] { new("text", Text), new("digest", Digest), new("chain", Chain), new("since", Since), new("until", Until) }
            .Where(part => !string.IsNullOrEmpty(part.Value));
}
