namespace Notary.Forensics.Desktops;

/// <summary>Reads a session's chain while it grows: whole lines only, each once. What is read is not judged; whoever verifies the package does that.</summary>
internal sealed class ChainTail(DepositId session, IRecording recording)
{
    private readonly List<byte> rest = [];
    private readonly Queue<LinkBody.Segment> touching = [];
    private long offset;

    public StatedHead? Newest { get; private set; }

    public long? Measured { get; private set; }

    public bool Clean { get; private set; }

    public bool Connected { get; private set; }

    public DateTimeOffset? Touched { get; private set; }

    public CloseReason? Closed { get; private set; }

    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>: it is no chain.</exception>
    public async Task ReadAsync(CancellationToken cancel)
    {
        await using var file = await recording.OpenAsync(ForensicsFormat.ChainFile, offset, cancel).ConfigureAwait(false);
        if (file is null)
            return;

        var buffer = new byte[64 * 1024];
        for (int read; (read = await file.ReadAsync(buffer, cancel).ConfigureAwait(false)) > 0; offset += read)
        {
            foreach (var octet in buffer.AsSpan(0, read))
            {
                if (octet != '\n')
                {
                    rest.Add(octet);
                    continue;
                }

                if (Take([.. rest]) is { } segment)
                    touching.Enqueue(segment);

                rest.Clear();
            }

            if (rest.Count > ForensicsFormat.MaxLine || offset > ForensicsFormat.MaxChain)
                throw new FaultException(Fault.Malformed, "the recorder's chain is longer than any");
        }

        while (touching.TryPeek(out var next))
        {
            await TouchAsync(next, cancel).ConfigureAwait(false);
            touching.Dequeue();
        }
    }

    /// <returns>A segment in which the user may have done something.</returns>
    private LinkBody.Segment? Take(byte[] line)
    {
        if (!ChainLine.TryRead(line, out var bytes, out _))
            throw new FaultException(Fault.Malformed, "a line of the recorder's chain is none");

        var link = Link.Parse(bytes);
        Newest = new StatedHead(session, link.N, Digest.Of(bytes), bytes.Length);
        switch (link.Body)
        {
            case LinkBody.Cleanliness cleanliness:
                (Measured, Clean) = (link.N, cleanliness.Clean);
                break;
            case LinkBody.Input input:
                Connected = input.Connected;
                break;
            case LinkBody.Segment segment when Connected && segment.Events.Count > 0:
                return segment;
            case LinkBody.Close close:
                Closed = close.Reason;
                break;
        }

        return null;
    }

    // What the user did is in the evidence itself: no agent has to tell it besides.
    private async Task TouchAsync(LinkBody.Segment segment, CancellationToken cancel)
    {
        await using var file = await recording.OpenAsync(ForensicsFormat.Events(segment.Number), 0, cancel).ConfigureAwait(false);
        if (file is null)
            return;

        using var lines = new StreamReader(file);
        long read = 0;
        while (await lines.ReadLineAsync(cancel).ConfigureAwait(false) is { } line && (read += line.Length) <= ForensicsFormat.MaxEvents)
        {
            try
            {
                if (EventLine.Parse(Encoding.UTF8.GetBytes(line)) is { Type: "pointer" or "key", Moment.At: var at } && (Touched is null || at > Touched))
                    Touched = at;
            }
            catch (FaultException)
            {
                // The package's verifier tells of it.
            }
        }
    }
}
