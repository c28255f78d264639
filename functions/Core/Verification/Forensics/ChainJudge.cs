using Notary.Evidence.Forensics;

namespace Notary.Verification.Forensics;

/// <summary>The chain, read as far as it can be.</summary>
internal sealed record ReadChain(IReadOnlyList<ReadLink> Links, bool Torn)
{
    public Link? First => Links.FirstOrDefault(l => l.Link.Body is LinkBody.Open)?.Link;

    public LinkBody.Open? Open => First?.Body as LinkBody.Open;

    public LinkBody.Close? Close => Links.Count > 0 ? Links[^1].Link.Body as LinkBody.Close : null;

    public IEnumerable<(Link Link, T Body)> Of<T>() where T : LinkBody => Links.Where(l => l.Link.Body is T).Select(l => (l.Link, (T)l.Link.Body));
}

/// <param name="Link">As read.</param>
/// <param name="Bytes">That were signed.</param>
/// <param name="Signature">Over them.</param>
/// <param name="Head">SHA-256 of them.</param>
internal sealed record ReadLink(Link Link, ReadOnlyMemory<byte> Bytes, byte[] Signature, Digest Head);

/// <summary>Every link follows from the one before, and the session's key signed it.</summary>
internal static class ChainJudge
{
    private const ForensicsRung Rung = ForensicsRung.Chain;

    public static ReadChain Read(ReadOnlyMemory<byte> file, Findings findings)
    {
        var links = new List<ReadLink>();
        var line = 0;
        for (; file.Span.IndexOf((byte)'\n') is >= 0 and var end; file = file[(end + 1)..], line++)
        {
            if (line == ForensicsFormat.MaxLinks)
            {
                findings.Fail(Rung, new Place(line), "too-long", $"the chain has more than {ForensicsFormat.MaxLinks} links");
                return new ReadChain(links, false);
            }

            if (!ChainLine.TryRead(file.Span[..end], out var bytes, out var signature))
                findings.Fail(Rung, new Place(line), "malformed", "the line is not a link and its signature in their only spelling");
            else if (TryParse(bytes, out var why) is { } link)
                links.Add(new ReadLink(link, bytes.ToArray(), signature, Digest.Of(bytes)));
            else
                findings.Fail(Rung, new Place(line), "malformed", why);
        }

        return new ReadChain(links, !file.IsEmpty);
    }

    public static void Judge(ReadChain chain, Findings findings)
    {
        var (expected, previous, elapsed, closed) = (0L, default(Digest), 0L, false);
        foreach (var read in chain.Links)
        {
            var (link, place) = (read.Link, new Place(read.Link.N));
            if (link.N > expected)
                findings.Fail(Rung, new Place(expected), "link-missing",
                    link.N == expected + 1 ? $"link {expected} is missing" : $"links {expected} to {link.N - 1} are missing");
            else if (link.N < expected)
                findings.Fail(Rung, place, "link-order", $"link {link.N} stands where link {expected} should: it is there twice, or in another place");
            else if (link.Previous != previous)
                findings.Fail(Rung, place, "link-differs",
                    link.N == 0 ? "the first link names one before it" : $"link {link.N} does not follow from link {link.N - 1} as that stands here");

            if (link.Body is LinkBody.Open != (link.N == 0) || closed)
                findings.Fail(Rung, place, "link-order", $"a link of the kind {link.Kind} has no place there");

            if (link.Written.Elapsed < elapsed || (link.N == 0 && link.Written.Elapsed != 0))
                findings.Fail(Rung, place, "time-back", "the elapsed time goes back");

            (expected, previous, elapsed, closed) = (link.N + 1, read.Head, link.Written.Elapsed, link.Body is LinkBody.Close);
        }

        if (chain.Links.Count == 0)
            findings.Fail(Rung, default, "missing", $"{ForensicsFormat.ChainFile} has no link that can be read");
        else if (findings.Clear(Rung))
            findings.Pass(Rung, default, $"{chain.Links.Count} links, each following from the one before; the head is {chain.Links[^1].Head}");
    }

    /// <summary>On all processors: a verification costs as much as a frame's hash.</summary>
    public static void Signatures(ReadChain chain, Findings findings)
    {
        if (chain.Open is not { } open)
        {
            findings.Unknown(ForensicsRung.Signatures, default, "no-key", "there is no first link with the session's key");
            return;
        }

        using var key = ECDsa.Create();
        var bad = new ConcurrentBag<long>();
        try
        {
            key.ImportSubjectPublicKeyInfo(open.Key, out _);
            Parallel.ForEach(chain.Links, link =>
            {
                if (!key.VerifyData(link.Bytes.Span, link.Signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))
                    bad.Add(link.Link.N);
            });
        }
        catch (CryptographicException)
        {
            findings.Fail(ForensicsRung.Signatures, new Place(0), "no-key", "the session's key is no point of P-256");
            return;
        }

        foreach (var n in bad.Order())
            findings.Fail(ForensicsRung.Signatures, new Place(n), "signature", $"the session's key did not sign link {n} as it stands here");

        if (bad.IsEmpty)
            findings.Pass(ForensicsRung.Signatures, default, $"the session's key signed all {chain.Links.Count} links");
    }

    private static Link? TryParse(ReadOnlySpan<byte> bytes, out string why)
    {
        try
        {
            why = "";
            return Link.Parse(bytes);
        }
        catch (FaultException e)
        {
            why = e.Message;
            return null;
        }
    }
}
