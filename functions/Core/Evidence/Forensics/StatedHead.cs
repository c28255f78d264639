namespace Notary.Evidence.Forensics;

/// <summary>The chain's head as it goes into the platform's log (docs/forensics-format.md §7): an ordinary deposit of a digest, which log, time-stamps,
/// anchor and audit know without knowing of recordings.</summary>
/// <param name="Session">Whose.</param>
/// <param name="Link">Number of the link whose hash is the head.</param>
/// <param name="Head">SHA-256 of that link.</param>
/// <param name="Size">Bytes of that link.</param>
public sealed record StatedHead(DepositId Session, long Link, Digest Head, long Size)
{
    /// <summary>Of the item.</summary>
    public const string MediaType = "application/json";

    private const string Kind = "digest", SessionNote = "session", LinkNote = "link";

    /// <summary>Of the item, such as <c>head-00000012</c>.</summary>
    public string Name => ForensicsFormat.Head(Link);

    /// <summary>Of the manifest.</summary>
    public IReadOnlyDictionary<string, string> Notes => new Dictionary<string, string>
    {
        [SessionNote] = Session.ToString(),
        [LinkNote] = Link.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>What the manifest states.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>: it is no head's.</exception>
    public static StatedHead Of(Manifest manifest)
    {
        if (manifest is { Kind: Kind, Items: [{ Size: { } size, MediaType: MediaType } item], Notes.Count: 2 }
            && manifest.Notes.TryGetValue(SessionNote, out var id) && DepositId.TryParse(id, out var session)
            && manifest.Notes.TryGetValue(LinkNote, out var number)
            && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var link) && link < ForensicsFormat.MaxLinks)
        {
            var stated = new StatedHead(session, link, item.Sha256, size);
            if (item.Name == stated.Name && stated.Notes[LinkNote] == number)
                return stated;
        }

        throw new FaultException(Fault.Malformed, "the manifest is not that of a head: one item of kind digest, and the session and the link as notes");
    }
}
