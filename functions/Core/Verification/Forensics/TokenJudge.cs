using Notary.Evidence.Forensics;

namespace Notary.Verification.Forensics;

/// <summary>Two authorities' time-stamps over each checkpoint under which a head is in the log (RFC 3161).</summary>
internal sealed class TokenJudge
{
    private const ForensicsRung Rung = ForensicsRung.Times;

    /// <summary>Tokens of a head, each by another authority: one that errs is found out only by another.</summary>
    private const int Needed = 2;

    private static readonly TokenCheck NoAuthority = TokenCheck.Fail(TokenCodes.Untrusted, "the trust file names none");

    private readonly RecordingPackage package;
    private readonly Judges? judges;
    private readonly Findings findings;

    public TokenJudge(RecordingPackage package, Judges? judges, Findings findings)
    {
        (this.package, this.judges, this.findings) = (package, judges, findings);
        if (judges is { Trust.Authorities.Count: < Needed })
            findings.Fail(Rung, default, "authority-single", $"the trust file names {judges.Trust.Authorities.Count} time-stamp authorities");
        else if (judges?.Trust.SharedRoot() is var (first, second))
            findings.Fail(Rung, default, "authority-shared",
                $"the authorities {first} and {second} share a root's key: they are one, whatever they are called");
    }

    /// <param name="link">Whose hash is the head.</param>
    /// <param name="note">The checkpoint, which is what is stamped.</param>
    /// <param name="ahead">How far the recorder's clock may be ahead of an authority's.</param>
    /// <returns>When both authorities had seen it; null when that is not known.</returns>
    public DateTimeOffset? Judge(Link link, string note, TimeSpan ahead)
    {
        if (judges is null)
            return null;

        var (stamped, by, imprint) = (DateTimeOffset.MinValue, new HashSet<string>(StringComparer.Ordinal), Digest.Of(Encoding.UTF8.GetBytes(note)));
        for (var number = 1; number <= Needed; number++)
        {
            var place = new Place(link.N, File: ForensicsFormat.Token(link.N, number));
            using var file = package.Read(place.File!, TokenResponse.MaxBytes);
            if (file is null)
            {
                findings.Fail(Rung, place, "token-missing", "a time-stamp over the head's checkpoint is missing");
                continue;
            }

            var (authority, check) = Check(file.Bytes.ToArray(), imprint);
            if (check is not { GenTime: { } time })
            {
                findings.Fail(Rung, place, "token-invalid", $"no time-stamp by an authority of the trust file over the head's checkpoint: {check.Reason}");
                continue;
            }

            by.Add(authority);
            stamped = time > stamped ? time : stamped;
            if (time + (check.Accuracy ?? TimeSpan.Zero) + ahead < link.Written.At)
                findings.Fail(Rung, place, "time-early", $"{authority} had seen link {link.N} before the recorder's clock says that it was made");
        }

        if (by.Count < Needed)
        {
            if (!findings.Failed(Rung))
                findings.Fail(Rung, new Place(link.N), "authority-single", "both time-stamps over the head's checkpoint are by one authority");

            return null;
        }

        var late = (stamped - link.Written.At).Ticks / TimeSpan.TicksPerMicrosecond;
        if (late > ForensicsFormat.MaxUndated)
            findings.Unknown(Rung, new Place(link.N), "dated-late",
                $"link {link.N} was dated {ContinuityJudge.Seconds(late)} s after the recorder's clock says that it was made; after "
                + $"{ContinuityJudge.Seconds(ForensicsFormat.MaxUndated)} s nothing but that clock says that it was not made later");

        return stamped;
    }

    // Whose it is, its roots tell; what else is wrong with it, every authority's judge says alike.
    private (string Authority, TokenCheck Check) Check(ReadOnlyMemory<byte> response, Digest imprint)
    {
        var checks = judges!.Authorities.Select(a => (a.Key, Check: a.Value.CheckResponse(response, imprint))).ToList();
        return checks.OrderByDescending(c => c.Check.Ok).ThenBy(c => c.Check.Code == TokenCodes.Untrusted).FirstOrDefault(("", NoAuthority));
    }
}
