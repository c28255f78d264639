namespace Notary.Pages;

/// <summary>The base of every page and part: texts are pairs, written beside their use.</summary>
public abstract class PageComponent : ComponentBase
{
    /// <summary>Given by <see cref="PageResult"/>.</summary>
    [CascadingParameter]
    public PageFrame Frame { get; set; } = null!;

    /// <summary>The text that the reader reads.</summary>
    protected string T(string chinese, string english) => new Words(chinese, english).In(Frame.Language);

    /// <inheritdoc cref="T(string, string)"/>
    protected string T(Words words) => words.In(Frame.Language);
}
