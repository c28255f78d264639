using Microsoft.AspNetCore.Components.Rendering;

namespace Notary.Pages;

/// <summary>Gives a page its frame.</summary>
internal sealed class PageRoot : ComponentBase
{
    [Parameter]
    public PageFrame Frame { get; set; } = null!;

    [Parameter]
    public Type Page { get; set; } = null!;

    [Parameter]
    public IReadOnlyDictionary<string, object?> Parameters { get; set; } = null!;

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        builder.OpenComponent<CascadingValue<PageFrame>>(0);
        builder.AddComponentParameter(1, nameof(CascadingValue<>.Value), Frame);
        builder.AddComponentParameter(2, nameof(CascadingValue<>.IsFixed), true);
        builder.AddComponentParameter(3, nameof(CascadingValue<>.ChildContent), (RenderFragment)(inside =>
        {
            inside.OpenComponent(0, Page);
            inside.AddMultipleAttributes(1, Parameters.Select(p => new KeyValuePair<string, object>(p.Key, p.Value!)));
            inside.CloseComponent();
        }));
        builder.CloseComponent();
    }
}
