using Notary.Pages;
using Notary.Pages.Public;

namespace Notary.Host.Http;

/// <summary>Metadata of a route that answers with a page: what it refuses it says in a page too, to whoever asks for one.</summary>
internal sealed record ForPeople
{
    private const string Html = "text/html";

    // A header longer than this is no browser's.
    private const int MaxRanges = 32;

    /// <summary>Whether the caller asks for pages: names text/html, as browsers do and programs do not.</summary>
    public static bool Asks(HttpContext http)
        => MediaTypeHeaderValue.TryParseList(http.Request.Headers.Accept, out var ranges)
            && ranges.Take(MaxRanges).Any(r => r.Quality is not 0 && r.MediaType.Equals(Html, StringComparison.OrdinalIgnoreCase));

    /// <summary>Where a person goes who is not signed in: to the door, and back to the page that he asked for; null where a page or problem is right.</summary>
    public static string? DoorFor(HttpContext http, Fault fault)
        => fault == Fault.Unauthenticated && HttpMethods.IsGet(http.Request.Method) && Asks(http)
            && http.GetEndpoint()?.Metadata.GetMetadata<AccessRule>() is AccessRule.Person
            ? $"/sign-in?return={Uri.EscapeDataString(http.Request.Path + http.Request.QueryString)}" : null;

    /// <summary>The page in place of a problem; null where the problem is right: at the API, or for a program.</summary>
    public static PageResult? Answer(HttpContext http, Fault fault)
    {
        var here = http.GetEndpoint() is { } endpoint ? endpoint.Metadata.GetMetadata<ForPeople>() is not null
            : !http.Request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase);
        return !here || !Asks(http) ? null : PageResult.Of<FaultPage>(
            (nameof(FaultPage.Status), FaultStatus.Of(fault)),
            (nameof(FaultPage.Code), fault.Code()),
            (nameof(FaultPage.CorrelationId), CorrelationId.Of(http))) with
        { Status = FaultStatus.Of(fault), Private = true };
    }
}
