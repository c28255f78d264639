using Notary.Evidence.Forensics;

namespace Notary.Verification.Forensics;

/// <summary>A head that is in the log.</summary>
/// <param name="Link">Whose hash it is.</param>
/// <param name="Stamped">The latest of two authorities' times over the checkpoint; null when they are not known.</param>
internal sealed record LoggedHead(Link Link, DateTimeOffset? Stamped);

/// <summary>The chain's heads are in the platform's log, often enough, and dated.</summary>
/// <param name="chain">As read.</param>
/// <param name="package">Has the statements, proofs and tokens.</param>
/// <param name="judges">The reader's trust roots; null when he has none.</param>
/// <param name="mostExposed">The longest exposure that the reader takes; null where he sets no bound.</param>
/// <param name="findings">Takes what is found.</param>
internal sealed class HeadJudge(ReadChain chain, RecordingPackage package, Judges? judges, TimeSpan? mostExposed, Findings findings)
{
    private const ForensicsRung Rung = ForensicsRung.Heads;

    /// <summary>How far the recorder's clock may be ahead of an authority's: some authorities say whole seconds, and clocks differ by some.</summary>
    private static readonly TimeSpan ClockAhead = TimeSpan.FromSeconds(5);

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private readonly Dictionary<long, ReadLink> links = chain.Links.GroupBy(l => l.Link.N).ToDictionary(g => g.Key, g => g.First());
    private readonly TokenJudge tokens = new(package, judges, findings);
    private readonly List<(long Link, Digest Manifest, Digest? Previous)> stated = [];
    private bool test;

    /// <returns>The longest stretch that stood before its head was in the log.</returns>
    public Exposure? Judge()
    {
        var names = package.Names.Where(n => n.StartsWith("heads/", StringComparison.Ordinal) && n.EndsWith(".json", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).ToList();
        if (names.Count == 0)
        {
            findings.Unknown(Rung, default, "no-heads",
                "no head of the chain was put into a log: nothing but the recorder's own word says when this was recorded");
            findings.Unknown(ForensicsRung.Times, default, "no-heads", "there is nothing that an authority could have dated");
            Bounded(null);
            return null;
        }

        if (judges is null)
            findings.Unknown(Rung, default, "no-trust", "no trust file was given: whether the log's key signed its checkpoints is not judged");

        List<LoggedHead> logged = [.. names.Select(Head).OfType<LoggedHead>().OrderBy(h => h.Link.N)];
        if (judges is null)
            findings.Unknown(ForensicsRung.Times, default, "no-trust", "no trust file was given: the time-stamps are not judged");

        var longest = Coverage(logged);
        Bounded(longest);
        CleanBeforeInput(logged);
        Linked();
        if (test)
            findings.Warn(Rung, default, BundleCodes.TestDeposit, BundleCodes.TestWords);

        if (findings.Clear(Rung))
            findings.Pass(Rung, default, $"{logged.Count} heads of the chain are in the log, the last of them of link {logged[^1].Link.N}");

        if (logged.Count == 0 && judges is not null)
            findings.Unknown(ForensicsRung.Times, default, "no-heads", "there is nothing that an authority could have dated");
        else if (findings.Clear(ForensicsRung.Times))
            findings.Pass(ForensicsRung.Times, default, $"two authorities dated each of {logged.Count} heads, none earlier than the recorder's clock says");

        return longest;
    }

    private LoggedHead? Head(string name)
    {
        var place = new Place(File: name);
        try
        {
            using var file = package.Read(name, Manifest.MaxBytes);
            var manifest = Manifest.Parse(file is null ? [] : file.Bytes.Span);
            var statement = StatedHead.Of(manifest);
            stated.Add((statement.Link, manifest.ToDigest(), manifest.Previous));
            test |= manifest.Test;
            place = place with { Link = statement.Link };
            if (name != ForensicsFormat.Statement(statement.Link))
                return Fail(place, "head-misnamed", $"{name} states the head at link {statement.Link}");

            if (statement.Session != chain.Open?.Session)
                return Fail(place, "head-foreign", "the statement is of another session");

            if (!links.TryGetValue(statement.Link, out var link))
                return Fail(place, "head-beyond", $"link {statement.Link}, whose hash was put into the log, is not in the chain");

            if (link.Head != statement.Head || link.Link.ToBytes().Length != statement.Size)
                return Fail(place, "head-differs", $"link {statement.Link} as it stands here is not the one whose hash was put into the log");

            return Proof(manifest, link.Link) is { } note ? new LoggedHead(link.Link, tokens.Judge(link.Link, note, ClockAhead)) : null;
        }
        catch (Exception e) when (e is FaultException or InvalidDataException)
        {
            return Fail(place, "head-malformed", e is FaultException ? e.Message : $"{name} cannot be unpacked");
        }
    }

    /// <returns>The checkpoint under which the statement is in the log.</returns>
    private string? Proof(Manifest statement, Link link)
    {
        var place = new Place(link.N, File: ForensicsFormat.Proof(link.N));
        using var file = package.Read(place.File!, TlogProof.MaxLength);
        if (file is null)
            return Bad("proof-missing", "the proof that the head is in the log is missing");

        TlogProof proof;
        Checkpoint checkpoint;
        try
        {
            proof = TlogProof.Parse(Strict.GetString(file.Bytes.Span));
            checkpoint = Checkpoint.Parse(proof.CheckpointNote[..(proof.CheckpointNote.IndexOf("\n\n", StringComparison.Ordinal) + 1)]);
        }
        catch (Exception e) when (e is FaultException or ArgumentException)
        {
            return Bad("proof-malformed", "the proof that the head is in the log cannot be read");
        }

        if (proof.Extra is not null || checkpoint.Extensions.Length > 0)
            return Bad("proof-extra", "the proof or its checkpoint carries data that this log never writes");

        if (!Merkle.VerifyInclusion(Merkle.LeafHash(statement.ToDigest().ToArray()), proof.Index, checkpoint.Size, proof.Path, checkpoint.Root))
            return Bad("not-included", "the proof does not lead from the head's statement to the checkpoint's root");

        if (judges is not null && !judges.Log.TryVerify(proof.CheckpointNote, out _))
            return Bad("signature", $"no valid signature by the key of the log {judges.Trust.Origin} on the checkpoint");

        return judges is null || checkpoint.Origin == judges.Trust.Origin
            ? proof.CheckpointNote : Bad("origin", $"the checkpoint is of another log than {judges.Trust.Origin}");

        string? Bad(string code, string reason)
        {
            findings.Fail(Rung, place, code, reason);
            return null;
        }
    }

    // Each manifest names the one before, so that none of those in between can be left out.
    private void Linked()
    {
        Digest? before = null;
        foreach (var (link, manifest, previous) in stated.OrderBy(s => s.Link))
        {
            if (previous != before)
                findings.Fail(Rung, new Place(link), "head-skipped", $"the head of link {link} does not continue the one before it here: one is left out");

            before = manifest;
        }
    }

    // Each segment stands alone until a head that covers it is in the log.
    private Exposure? Coverage(List<LoggedHead> logged)
    {
        Exposure? longest = null;
        var (at, reported) = (0, -1);
        foreach (var (link, segment) in chain.Of<LinkBody.Segment>())
        {
            while (at < logged.Count && logged[at].Link.N < link.N)
                at++;

            var place = new Place(link.N, segment.Number);
            if (at == logged.Count)
            {
                Uncovered(place, $"no head in the log covers segment {segment.Number} and what follows");
                break;
            }

            var exposed = Exposed(segment, logged[at], place, ref reported, at);
            if (longest is null || exposed.Length > longest.Length)
                longest = exposed;
        }

        if (chain.Close is not null && (logged.Count == 0 || logged[^1].Link.N < chain.Links[^1].Link.N))
            Uncovered(new Place(chain.Links[^1].Link.N), "no head in the log covers the chain's end");

        return longest;

        // What was broken off has no end that could have been logged.
        void Uncovered(Place place, string reason)
        {
            if (chain.Close is not null)
                findings.Fail(Rung, place, "head-missing", reason);
            else
                findings.Unknown(Rung, place, "head-missing", reason);
        }
    }

    private Exposure Exposed(LinkBody.Segment segment, LoggedHead head, Place place, ref int reported, int at)
    {
        var own = head.Link.Written.Elapsed - segment.FirstArrival.Elapsed;
        var dated = head.Stamped is { } stamped ? (stamped - segment.FirstArrival.At).Ticks / TimeSpan.TicksPerMicrosecond : own;
        var exposed = new Exposure(segment.Number, Math.Max(0, dated), head.Stamped is not null, segment.FirstArrival.At);

        // The log was away, or a head was withheld while other pictures were sealed: whoever was not there cannot tell which.
        if (reported != at && own > ForensicsFormat.MaxUnlogged)
        {
            reported = at;
            findings.Unknown(Rung, place, "head-late",
                $"segment {segment.Number} stood for {ContinuityJudge.Seconds(own)} s, from {Moment(exposed.From)}, before a head was put into the log; after "
                + $"{ContinuityJudge.Seconds(ForensicsFormat.MaxUnlogged)} s nothing but the recorder's own word says that this is what was recorded then");
        }

        return exposed;
    }

    // What the reader takes at most: none of the recording may have stood alone for longer.
    private void Bounded(Exposure? longest)
    {
        if (mostExposed is not { } most || longest?.Length <= most.Ticks / TimeSpan.TicksPerMicrosecond)
            return;

        var bound = most.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        findings.Fail(Rung, new Place(Segment: longest?.Segment), "exposed", longest is null
            ? $"no head in the log covers any of it, and the reader takes no more than {bound} s without one"
            : $"segment {longest.Segment} stood for {ContinuityJudge.Seconds(longest.Length)} s, from {Moment(longest.From)} to {Moment(longest.To)}, before "
                + $"its head was in the log, and the reader takes no more than {bound} s");
    }

    private static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString(ForensicsFormat.TimeFormat, CultureInfo.InvariantCulture);

    // The measurement was in the log, and not only sealed, before the user could touch what was measured.
    private void CleanBeforeInput(List<LoggedHead> logged)
    {
        var measured = chain.Of<LinkBody.Cleanliness>().FirstOrDefault().Link;
        var input = chain.Of<LinkBody.Input>().FirstOrDefault(i => i.Body.Connected).Link;
        if (measured is not null && input is not null && measured.N < input.N && !logged.Any(h => h.Link.N >= measured.N && h.Link.N < input.N))
            findings.Fail(Rung, new Place(input.N), "clean-unlogged", "the user's input was connected before the desktop's cleanliness was in the log");
    }

    private LoggedHead? Fail(Place place, string code, string reason)
    {
        findings.Fail(Rung, place, code, reason);
        return null;
    }
}
