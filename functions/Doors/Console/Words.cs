namespace Notary.Pages;

/// <summary>What a page speaks.</summary>
public enum Language
{
    /// <summary>Simplified Chinese, <c>zh-CN</c>: the office's own, and what a reader gets who asks for neither.</summary>
    Chinese,

    /// <summary>English, <c>en</c>.</summary>
    English,
}

/// <summary>One text in both languages; a pair <c>("中文", "English")</c> is one.</summary>
public readonly record struct Words(string Chinese, string English)
{
    public static implicit operator Words((string Chinese, string English) pair) => new(pair.Chinese, pair.English);

    /// <summary>A name that is the same in both.</summary>
    public static implicit operator Words(string same) => new(same, same);

    public string In(Language language) => language == Language.Chinese ? Chinese : English;
}
