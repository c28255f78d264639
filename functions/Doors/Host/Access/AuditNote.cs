namespace Notary.Host.Access;

/// <summary>What a route adds to the entry that the trail keeps of its request: why, and what else tells what was done.</summary>
/// <remarks>It stands in the entry of the answer. Never a secret, a content or a one-time link: the trail is kept for ever.</remarks>
internal sealed class AuditNote
{
    private readonly Dictionary<string, string> details = new(StringComparer.Ordinal);

    /// <summary>Why it was done, in the words of whoever did it.</summary>
    public string? Reason { get; set; }

    /// <summary>What was added, by name.</summary>
    public IReadOnlyDictionary<string, string> Details => details;

    /// <summary>The note of a request; made when it is first asked for.</summary>
    public static AuditNote Of(HttpContext http)
    {
        if (http.Features.Get<AuditNote>() is { } there)
            return there;

        var note = new AuditNote();
        http.Features.Set(note);
        return note;
    }

    /// <summary>Adds a fact, such as the id of what was made.</summary>
    public AuditNote Add(string name, string value)
    {
        details[name] = value;
        return this;
    }
}
