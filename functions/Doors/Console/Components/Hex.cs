using Microsoft.AspNetCore.Components.Rendering;

namespace Notary.Pages.Components;

/// <summary>A digest or an address in eights, as on letters. The gaps are padding, so that what is copied has no blanks; a template would add some.</summary>
public sealed class Hex : ComponentBase
{
    private const int Group = 8;

    [Parameter, EditorRequired]
    public string Digits { get; set; } = "";

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        var start = Digits.StartsWith("0x", StringComparison.Ordinal) ? 2 : 0;
        builder.OpenElement(0, "code");
        builder.AddAttribute(1, "class", "hex");
        builder.AddContent(2, Digits[..start]);
        foreach (var group in Digits[start..].Chunk(Group))
        {
            builder.OpenElement(3, "span");
            builder.AddContent(4, new string(group));
            builder.CloseElement();
            builder.AddMarkupContent(5, "<wbr>");
        }

        builder.CloseElement();
    }
}
