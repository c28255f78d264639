namespace Notary.Pages.Desktops;

/// <summary>A desktop as the form asks for it.</summary>
/// <param name="Once">Sent twice, or loaded again, the form asks for one.</param>
public sealed record SessionWish(string Once, string Page = "", string Label = "", string User = "")
{
    /// <summary>Whether the desktop is signed in to, by somebody whom its directory knows.</summary>
    public bool AsksUser { get; init; }

    /// <summary>What is wrong with that name.</summary>
    public Words? UserError { get; init; }

    /// <summary>What is wrong with the address.</summary>
    public Words? PageError { get; init; }

    /// <summary>What is wrong with the label.</summary>
    public Words? LabelError { get; init; }

    /// <summary>Why there is no desktop, though nothing is wrong with what was typed.</summary>
    public Words? Refused { get; init; }
}
