namespace Notary.Pages.Components;

/// <summary>What a notice says of its subject.</summary>
public enum NoticeKind
{
    /// <summary>It holds, or it was done.</summary>
    Ok,

    /// <summary>It does not hold, or it failed.</summary>
    Bad,

    /// <summary>It could not be judged, or is not known yet.</summary>
    Unknown,

    /// <summary>Something to know beforehand.</summary>
    Info,
}
