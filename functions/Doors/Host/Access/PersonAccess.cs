using Microsoft.AspNetCore.WebUtilities;
using Notary.Identity.People;

namespace Notary.Host.Access;

/// <summary>Lets whoever is signed in with a browser to what is for him, and what he sends only from our own pages.</summary>
internal sealed class PersonAccess(PeopleRoom people, StaffTrail trail, RateLimits limits)
{
    /// <summary>Bytes of a form: an objection has 2,000 characters, nine bytes each in Chinese.</summary>
    private const int MaxFormBytes = 32 * 1024;

    /// <summary>Who is signed in, in a handler whose route demands somebody.</summary>
    public static SignedIn Of(HttpContext http)
        => http.Features.Get<SignedIn>() ?? throw new InvalidOperationException("the route does not demand a person");

    /// <exception cref="FaultException">Unauthenticated: nobody is signed in; Forbidden: his role is another, or another site sent it.</exception>
    public async Task DemandAsync(HttpContext http, IReadOnlyList<Role> roles, CancellationToken cancel)
    {
        limits.DemandOfClient(http);
        var who = await people.Sessions.FindAsync(http, cancel) ?? throw new FaultException(Fault.Unauthenticated, "sign in first");
        http.Features.Set(who);
        trail.Notice(http, who);
        if (roles.Count > 0 && !roles.Contains(who.Role))
            throw new FaultException(Fault.Forbidden, "this is not for your role");

        if (!HttpMethods.IsGet(http.Request.Method))
            people.Antiforgery.DemandSession(http, http.Request.Headers[Antiforgery.Header] is [{ } sent] ? sent
                : (await FormAsync(http, cancel)).GetValueOrDefault(Antiforgery.Field));
    }

    /// <summary>The fields of a form, each once; empty when the body is none.</summary>
    /// <exception cref="FaultException">TooLarge; Malformed.</exception>
    public static async Task<IReadOnlyDictionary<string, string>> FormAsync(HttpContext http, CancellationToken cancel)
    {
        if (http.Features.Get<Form>() is { } read)
            return read.Fields;

        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        if (MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type)
            && type.MediaType.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase))
        {
            using var reader = new FormReader(Encoding.UTF8.GetString(await StrictJson.ReadBytesAsync(http.Request, MaxFormBytes, cancel)));
            foreach (var (name, values) in await reader.ReadFormAsync(cancel))
                fields[name] = values is [{ } one] ? one : throw new FaultException(Fault.Malformed, "the form has a field twice");
        }

        http.Features.Set(new Form(fields));
        return fields;
    }

    private sealed record Form(IReadOnlyDictionary<string, string> Fields);
}
