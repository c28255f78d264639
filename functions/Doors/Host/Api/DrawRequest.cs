using Notary.Evidence.Draws;
using Notary.Evidence.Ethereum;
using Notary.Identity.People;

namespace Notary.Host.Api;

/// <summary>Whether it counts.</summary>
public enum DrawWish
{
    [JsonStringEnumMemberName("draw")]
    Draw,

    /// <summary>Everything but the notaries, marked as a rehearsal for ever.</summary>
    [JsonStringEnumMemberName("rehearsal")]
    Rehearsal,
}

/// <summary>Where the draw's last randomness comes from.</summary>
public enum BeaconWish
{
    [JsonStringEnumMemberName("drand")]
    Drand,

    /// <summary>The hash of a block: whoever makes that block may try several.</summary>
    [JsonStringEnumMemberName("block")]
    Block,
}

/// <summary>A draw to be held.</summary>
/// <param name="Title">1 to 200 characters.</param>
/// <param name="Rules">As in docs/draw-format.md, section 3; groups in any order.</param>
/// <param name="Schedule">Whole seconds, in order, at least five seconds apart, all within a year.</param>
/// <param name="Parties">Addresses for whom a place is kept on chain, at most 62.</param>
public sealed record NewDraw(
    string Title, DrawWish Kind, DrawRules Rules, DrawSchedule Schedule, BeaconWish Beacon = BeaconWish.Drand, IReadOnlyList<string>? Parties = null);

/// <summary>Why a draw ends without a result. Public.</summary>
/// <param name="Reason">1 to 500 characters.</param>
public sealed record NewAbort(string Reason);

/// <summary>An answer to an objection.</summary>
/// <param name="Text">1 to 2000 characters.</param>
public sealed record NewAnswer(string Text);

/// <summary>Whose proof is wanted.</summary>
public sealed record NewTicket(string Id, string Name);

/// <summary>What somebody objects to.</summary>
/// <param name="Text">1 to 2000 characters.</param>
/// <param name="Contact">At most 200 characters; for the organiser alone.</param>
public sealed record NewObjection(string Text, string Contact = "");

/// <summary>Reads what an organiser says.</summary>
internal static class DrawRequest
{
    private const string Csv = "text/csv", NdJson = "application/x-ndjson", Chinese = "gb18030";

    // The serializer checks a list's own nullability, not that of what is in it.
    public static PlanTerms Terms(NewDraw wanted)
    {
        var rules = wanted.Rules;
        if (rules.Groups.Any(g => g is null) || rules.Rounds.Any(r => r is null || r.Groups.Any(g => g is null)) || wanted.Parties?.Any(p => p is null) == true)
            throw new FaultException(Fault.Malformed, "a group, a round or a party is null");

        return new PlanTerms(
            wanted.Title,
            wanted.Kind == DrawWish.Rehearsal,
            new DrawRules(Ordered(rules.Groups), [.. rules.Rounds.Select(r => r with { Groups = Ordered(r.Groups) })]),
            wanted.Schedule,
            wanted.Beacon == BeaconWish.Drand ? BeaconKind.Drand : BeaconKind.Block,
            [.. (wanted.Parties ?? []).Select(Party)]);
    }

    /// <summary>The list's form and encoding, which are never guessed.</summary>
    /// <exception cref="FaultException">UnsupportedMediaType.</exception>
    public static (ListFormat Format, Encoding? Encoding) List(HttpRequest request)
    {
        MediaTypes.DemandIdentity(request);
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
            throw Unsupported();

        ListFormat format = type.MediaType.Value?.ToLowerInvariant() switch { Csv => ListFormat.Csv, NdJson => ListFormat.NdJson, _ => throw Unsupported() };
        return HeaderUtilities.RemoveQuotes(type.Charset).Value?.ToLowerInvariant() switch
        {
            null or "" or "utf-8" => (format, null),
            Chinese => (format, CodePagesEncodingProvider.Instance.GetEncoding(Chinese)),
            _ => throw Unsupported(),
        };
    }

    /// <summary>Who writes: a person, or whoever has the tenant's key.</summary>
    public static string Actor(HttpContext http) => http.Features.Get<SignedIn>()?.Person ?? $"tenant:{Caller.TenantOf(http).Id}";

    // By their UTF-8 bytes, as the format wants them.
    private static IReadOnlyList<string> Ordered(IReadOnlyList<string> groups)
        => [.. groups.OrderBy(g => Convert.ToHexString(Encoding.UTF8.GetBytes(g)), StringComparer.Ordinal)];

    private static Address Party(string text)
        => Address.TryParse(text, out var party) ? party : throw new FaultException(Fault.Malformed, "a party is an address of 0x and 40 digits");

    private static FaultException Unsupported()
        => new(Fault.UnsupportedMediaType, $"a list is {Csv} or {NdJson}, in charset=utf-8 or charset={Chinese}");
}

/// <summary>The problem of a list that was refused: which lines, and how many in all.</summary>
internal sealed class RefusedList(ListRefusedException refused) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var total = refused.Total.ToString(CultureInfo.InvariantCulture);
        return Problem.WriteAsync(httpContext, Fault.ListRefused, $"{total} rows cannot be taken, and nothing of the list is kept", new JsonObject
        {
            ["refusals"] = new JsonArray([.. refused.Refusals.Select(r => (JsonNode)(r.FirstLine > 0
                ? new JsonObject { ["line"] = r.Line, ["code"] = r.Code, ["first"] = r.FirstLine }
                : new JsonObject { ["line"] = r.Line, ["code"] = r.Code }))]),
            ["total"] = refused.Total,
        });
    }
}
