using Notary.Audit;
using Notary.Identity.People;
using Notary.Pages;
using Notary.Pages.Office;

namespace Notary.Host.Api;

/// <summary>The trail of what the staff has seen and done, for auditor and operator: by pages, and as a file that <c>notary audit verify</c> judges.</summary>
internal static class TrailPageRoutes
{
    private const string Lines = "application/x-ndjson";

    private static readonly Parameter Language = new(LanguageChoice.Parameter, "query", "zh or en");
    private static readonly Parameter Day = new("day", "query", "yyyy-MM-dd");

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/office/trail", ListAsync).ForPerson(Role.Auditor, Role.Operator).AsPage().Takes(Language);
        routes.MapGet("/office/trail/export", ExportAsync).ForPerson(Role.Auditor, Role.Operator).AsPage().Takes(Day).Unhurried();
    }

    private static async Task<PageResult> ListAsync(HttpContext http, PeopleRoom people, TenantStore tenants, TrailReader trail, CancellationToken cancel)
    {
        var query = QueryReader.OfPage(http, "person", "day", "before");
        var asked = new TrailList
        {
            Person = query.Find("person"),
            Day = query.Find("day"),
            Continued = query.Find("before") is { Length: > 0 },
            Staff = await people.Members.ListAsync(null, cancel),
        };
        var list = await ReadAsync(asked, query.Find("before"), trail, cancel);
        return PageResult.Of<TrailListPage>(
            (nameof(TrailListPage.Visitor), await AccountRoutes.VisitorAsync(http, people, tenants, cancel)),
            (nameof(TrailListPage.List), list)) with
        { Private = true, Status = list.Error is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest };
    }

    private static async Task<TrailList> ReadAsync(TrailList asked, string? continuation, TrailReader trail, CancellationToken cancel)
    {
        if (!DepositPageRoutes.TryDay(asked.Day, out var day))
            return asked with { Error = DepositPageRoutes.NoDay };

        long? before = null;
        if (continuation is { Length: > 0 })
        {
            if (!long.TryParse(continuation, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return asked with { Error = ("请从头再看。", "Begin anew.") };

            before = number;
        }

        var who = asked.Person is { Length: > 0 } person ? person : null;
        return asked with { Page = await trail.NewestAsync(who, day, day?.AddDays(1), before, cancel) };
    }

    private static async Task ExportAsync(HttpContext http, TrailReader trail, CancellationToken cancel)
    {
        var asked = QueryReader.OfPage(http, "day").Find("day");
        if (!DepositPageRoutes.TryDay(asked, out var day))
            throw new FaultException(Fault.Malformed, "a day is written 2026-11-22");

        http.Response.ContentType = Lines;
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"trail{(day is null ? "" : "-" + asked)}.ndjson\"";
        await http.Response.StartAsync(cancel);
        await foreach (var entry in trail.OldestAsync(day, day?.AddDays(1), cancel))
        {
            await http.Response.Body.WriteAsync(entry.Bytes, cancel);
            await http.Response.Body.WriteAsync("\n"u8.ToArray(), cancel);
        }
    }
}
