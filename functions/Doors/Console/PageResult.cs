using Microsoft.AspNetCore.Components.Web;

namespace Notary.Pages;

/// <summary>A page as an answer: rendered whole before its first byte is sent, so that what fails while it is made can still be said.</summary>
/// <remarks>
/// The framework's RazorComponentResult would bring antiforgery and data protection into the start of every process, also of those
/// that never show a page. Components are what they are elsewhere; they get services by <c>[Inject]</c> as usual.
/// </remarks>
public sealed record PageResult : IResult
{
    private readonly Type page;
    private readonly IReadOnlyDictionary<string, object?> parameters;

    private PageResult(Type page, IReadOnlyDictionary<string, object?> parameters) => (this.page, this.parameters) = (page, parameters);

    /// <summary>The HTTP status.</summary>
    public int Status { get; init; } = StatusCodes.Status200OK;

    /// <summary>What it may do in the browser.</summary>
    public PagePolicy Policy { get; init; } = PagePolicy.Plain;

    /// <summary>Whether it shows what is for its reader alone: then no one keeps it, not even his browser for the way back.</summary>
    public bool Private { get; init; }

    /// <summary>A page with its parameters by name.</summary>
    public static PageResult Of<TPage>(params IEnumerable<(string Name, object? Value)> parameters)
        where TPage : PageComponent
        => new(typeof(TPage), parameters.ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal));

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var services = httpContext.RequestServices;
        var frame = PageFrame.Of(httpContext, services.GetRequiredService<PageOffice>().Name);
        var body = Encoding.UTF8.GetBytes(await RenderAsync(services, frame));

        var (response, headers) = (httpContext.Response, httpContext.Response.Headers);
        response.StatusCode = Status;
        response.ContentType = "text/html; charset=utf-8";
        headers.ContentSecurityPolicy = Policy.ToString();
        headers.XContentTypeOptions = "nosniff";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";

        // Not no-referrer: with it a form's Origin is "null", and where it came from could not be told.
        headers["Referrer-Policy"] = "same-origin";
        headers.CacheControl = Private ? "no-store" : "no-cache";
        headers.Vary = "Accept, Accept-Language, Cookie";
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, httpContext.RequestAborted);
    }

    private async Task<string> RenderAsync(IServiceProvider services, PageFrame frame)
    {
        await using var renderer = new HtmlRenderer(new WithoutNavigation(services), services.GetRequiredService<ILoggerFactory>());
        return await renderer.Dispatcher.InvokeAsync(async () =>
        {
            var root = await renderer.RenderComponentAsync<PageRoot>(ParameterView.FromDictionary(new Dictionary<string, object?>
            {
                [nameof(PageRoot.Frame)] = frame,
                [nameof(PageRoot.Page)] = page,
                [nameof(PageRoot.Parameters)] = parameters,
            }));
            return root.ToHtmlString();
        });
    }

    /// <summary>The Functions worker registers a navigation manager that nobody sets up: the renderer would ask it for the address of every form
    /// that names none, and fail there alone.</summary>
    private sealed class WithoutNavigation(IServiceProvider services) : IServiceProvider
    {
        public object? GetService(Type serviceType) => serviceType == typeof(NavigationManager) ? null : services.GetService(serviceType);
    }
}
