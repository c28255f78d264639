namespace Notary.Verification;

/// <summary>What is known of a chain's revocation.</summary>
/// <param name="Ok">What it signed counts.</param>
/// <param name="Judged">A list about each of its certificates was there.</param>
/// <param name="Sentence">For a verdict; holds no text taken from evidence.</param>
internal readonly record struct Standing(bool Ok, bool Judged, string Sentence);

/// <summary>The revocation lists at hand: those that a letter carries and those that the reader gives. For one bundle, on one thread.</summary>
internal sealed class Revocations
{
    // RFC 3161 §4: only with one of these reasons tokens made before the revocation stay valid by themselves.
    private static readonly int[] Harmless = [0, 3, 4, 5];

    private static readonly string[] Reasons =
        ["unspecified", "key compromise", "compromise of the authority", "affiliation changed", "superseded", "cessation of operation", "on hold"];

    private readonly List<(ReadOnlyMemory<byte> Der, Digest Digest)> lists = [];
    private readonly HashSet<int> used = [];
    private readonly int given;

    /// <param name="given">The reader's own lists, DER.</param>
    public Revocations(IReadOnlyList<ReadOnlyMemory<byte>> given)
    {
        Add(given);
        this.given = given.Count;
    }

    /// <summary>Which of the reader's lists said nothing about anybody so far.</summary>
    public IEnumerable<int> Unused => Enumerable.Range(0, given).Except(used);

    /// <summary>Adds what a letter carries.</summary>
    public void Add(IEnumerable<ReadOnlyMemory<byte>> carried) => lists.AddRange(carried.Select(l => (l, Digest.Of(l.Span))));

    /// <summary>Whether what a chain's certificate signed at a time counts.</summary>
    /// <param name="chain">Empty when a root signed itself: then there is nothing to judge.</param>
    /// <param name="at">When it was signed, or signed at the latest.</param>
    /// <param name="seen">When somebody else, whose key is another, saw that it was there; null when nobody did.</param>
    public Standing Judge(IReadOnlyList<ChainLink> chain, DateTimeOffset at, DateTimeOffset? seen)
    {
        var (judged, oldest, later) = (true, DateTimeOffset.MaxValue, (string?)null);
        foreach (var link in chain)
        {
            DateTimeOffset? newest = null;
            foreach (var list in About(link))
            {
                if (list.Find(link.Serial.Span) is { } revoked)
                {
                    newest = newest is null || list.ThisUpdate > newest ? list.ThisUpdate : newest;
                    if (Refuse(revoked, at, seen) is { } why)
                        return new Standing(false, true, why);

                    later = $"revoked on {Text(revoked.Since)} ({Name(revoked.Reason)}), "
                        + (revoked.Since > seen ? "after a time-stamp that shows it was there" : "after the time that it proves");
                }
                else if (Covers(list, link, at) && (newest is null || list.ThisUpdate > newest))
                {
                    newest = list.ThisUpdate;
                }
            }

            judged &= newest is not null;
            oldest = newest < oldest ? newest.Value : oldest;
        }

        return new Standing(true, judged,
            later ?? (!judged ? "revocation was not judged" : chain.Count == 0 ? "signed by a root itself" : $"not revoked on the list of {Text(oldest)}"));
    }

    private static string? Refuse(Revoked revoked, DateTimeOffset at, DateTimeOffset? seen)
        => revoked.Since <= at
            ? $"its certificate, or one above it, was revoked on {Text(revoked.Since)} ({Name(revoked.Reason)}), not after the time that it states"
            : revoked.Since > seen || (revoked.Reason is { } reason && Harmless.Contains(reason)) ? null
            : $"its certificate, or one above it, was revoked on {Text(revoked.Since)} ({Name(revoked.Reason)}): others may have its key, "
                + "and no archive time-stamp shows that it is older";

    /// <summary>A list speaks for a time when it was good then or made later, unless it may have dropped an expired certificate (RFC 5280 §3.3).</summary>
    private static bool Covers(RevocationList list, ChainLink link, DateTimeOffset at)
        => list.NextUpdate >= at && list.ThisUpdate <= link.NotAfter;

    private IEnumerable<RevocationList> About(ChainLink link)
    {
        for (var i = 0; i < lists.Count; i++)
        {
            if (RevocationList.Read(lists[i].Der, lists[i].Digest, link) is { } list)
            {
                used.Add(i);
                yield return list;
            }
        }
    }

    private static string Name(int? reason) => reason is not { } known ? "no reason given" : known < Reasons.Length ? Reasons[known] : "reason " + known;

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
