using Notary.Webhooks;

namespace Notary.Pages.Endpoints;

/// <summary>What was filled in of an endpoint, as it was sent.</summary>
public sealed record EndpointForm
{
    /// <summary>What a box of a type is called in the form, before the type.</summary>
    public const string Box = "type-";

    public string Url { get; init; } = "";

    public string Label { get; init; } = "";

    /// <summary>Whether it wants every event, those of later versions too.</summary>
    public bool All { get; init; } = true;

    /// <summary>The types it wants otherwise.</summary>
    public IReadOnlyList<string> Types { get; init; } = [];

    /// <summary>An endpoint as it is.</summary>
    public static EndpointForm Of(EndpointView endpoint)
        => new() { Url = endpoint.Url.AbsoluteUri, Label = endpoint.Label, All = endpoint.Types.Count == 0, Types = Wanted(endpoint.Types) };

    /// <summary>The filters to keep: those that were, where they come to the same types, so that a family stays one.</summary>
    /// <exception cref="FaultException">Malformed: no type is chosen.</exception>
    public IReadOnlyList<string> Filters(IReadOnlyList<string> before)
        => All ? [] : Types.Count == 0 ? throw new FaultException(Fault.Malformed, "no event is chosen")
            : before.Count > 0 && Wanted(before).SequenceEqual(Types) ? before : Types;

    private static List<string> Wanted(IReadOnlyList<string> filters) => [.. EventTypes.All.Where(type => EventTypes.Wants(filters, type))];
}

/// <summary>A secret that was just made: shown in this answer and never again.</summary>
/// <param name="Replaces">Whether there were others before.</param>
public sealed record ShownSecret(string Endpoint, string Secret, bool Replaces);

/// <summary>Why nothing was done.</summary>
/// <param name="Why">For developers, in English.</param>
public sealed record RefusedWish(Words Title, string Why);

/// <summary>What was put in line again.</summary>
/// <param name="Next">Where to go on when there was more.</param>
public sealed record Queued(int Count, DateTimeOffset? Next);
