using Notary.Verification.Forensics;
using Notary.Verification.Letters;

namespace Notary.Verification.Recordings;

/// <summary>Whether a genuine remote forensics letter says what the evidence says.</summary>
public static class RecordingAgreement
{
    /// <summary>Whether it is about this deposit, and calls the office what the trust file calls it.</summary>
    public static bool IsOf(RecordingFacts facts, Manifest manifest, TrustRoots trust)
        => facts.Deposit is var said && said.Manifest == manifest.ToDigest() && said.Id == manifest.Id && said.Depositor == manifest.Depositor
            && said.Test == manifest.Test
            && manifest.Items is [{ Size: { } size, Sha256: var package }, ..] && (said.Size, said.Package) == (size, package)
            && manifest.Notes.GetValueOrDefault("session") == facts.Recording.Session.ToString() && manifest.Notes.GetValueOrDefault("page") == said.Page
            && manifest.Notes.GetValueOrDefault("label", "") == said.Label
            && facts.VerifyUrl.OriginalString.EndsWith(LetterFacts.VerifyPath(said.Manifest, said.Index), StringComparison.Ordinal)
            && facts.Number == RecordingFacts.NumberOf(facts.IssuedAt, facts.Parties.ShortName, said.Index)
            && (trust.Issuer is not { } issuer || (facts.Office == issuer.Office && (issuer.ShortName is null || facts.Parties.ShortName == issuer.ShortName)));

    /// <summary>The names of its statements that are not what the recording says. The small copies of pictures are not judged: they are the office's.</summary>
    /// <param name="facts">Of the letter.</param>
    /// <param name="package">The recording.</param>
    /// <param name="report">What was found of it.</param>
    /// <param name="trust">The reader's.</param>
    public static IEnumerable<string> Differing(RecordingFacts facts, RecordingPackage package, ForensicsReport report, TrustRoots trust)
    {
        var (letter, recording) = (facts.Recording.With(new Dictionary<Digest, Digest>()), RecordingSummary.Of(package, report, trust));

        // A letter from before letters told how views agree states nothing of it.
        if (letter.Captures.Listed.All(c => c.Compared is null))
        {
            var silent = recording.Captures with { Listed = [.. recording.Captures.Listed.Select(c => c with { Compared = null })] };
            recording = recording with { Captures = silent };
        }

        var (said, found) = (Json(facts with { Recording = letter }), Json(facts with { Recording = recording }));
        return found.Where(f => !JsonNode.DeepEquals(f.Value, said[f.Key])).Select(f => f.Key).ToList();
    }

    private static JsonObject Json(RecordingFacts facts) => JsonNode.Parse(facts.ToJson())!["recording"]!.AsObject();
}
