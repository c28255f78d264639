namespace Notary.Evidence.Forensics;

/// <summary>A link that was appended.</summary>
/// <param name="Link">Itself.</param>
/// <param name="Line">For chain.ndjson, with its LF.</param>
/// <param name="Head">SHA-256 of the link: the chain's head from now on.</param>
public sealed record Appended(Link Link, byte[] Line, Digest Head);

/// <summary>Makes a chain, link by link. Writes nothing anywhere; not safe for several threads.</summary>
/// <param name="sign">ECDSA P-256 over SHA-256 of what it is given, as r‖s.</param>
public sealed class ChainWriter(Func<byte[], byte[]> sign)
{
    private long next;
    private long elapsed;
    private Digest head;
    private bool closed;

    /// <summary>Signs with the key of this session.</summary>
    public ChainWriter(ECDsa key)
        : this(link => key.SignData(link, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))
    {
    }

    /// <param name="body">What the next link seals.</param>
    /// <param name="written">When; elapsed 0 is the first link's.</param>
    /// <exception cref="InvalidOperationException">The first link is no open, or a later one is; the chain is closed; or time went back.</exception>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>: a member is beyond its bound, so no reader would take the link.</exception>
    public Appended Append(LinkBody body, Arrival written)
    {
        if (closed || next == 0 != body is LinkBody.Open || written.Elapsed < elapsed)
            throw new InvalidOperationException($"no {LinkJson.Kind(body)} may follow as link {next}");

        var bytes = new Link(next, head, written, body).ToBytes();
        var link = Link.Parse(bytes);
        var line = ChainLine.Write(bytes, sign(bytes));
        (head, elapsed, closed) = (Digest.Of(bytes), written.Elapsed, body is LinkBody.Close);
        next++;
        return new Appended(link, line, head);
    }
}
