namespace Notary.Forensics.Desktops;

/// <summary>Reads a session's chain while it grows: whole lines only, each once. What is read is not judged; whoever verifies the package does that.</summary>
internal sealed class ChainTail(DepositId session, string folder)
{
    private readonly List<byte> rest = [];
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
        var path = Path.Combine(folder, ForensicsFormat.ChainFile);
        if (!File.Exists(path))
            return;

        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Position = offset;
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

                Take([.. rest]);
                rest.Clear();
            }

            if (rest.Count > ForensicsFormat.MaxLine || offset > ForensicsFormat.MaxChain)
                throw new FaultException(Fault.Malformed, "the recorder's chain is longer than any");
        }
    }

    private void Take(byte[] line)
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
            case LinkBody.Segment segment when Connected:
                Touch(segment);
                break;
            case LinkBody.Close close:
                Closed = close.Reason;
                break;
        }
    }

    // What the user did is in the evidence itself: no agent has to tell it besides.
    private void Touch(LinkBody.Segment segment)
    {
        var path = Path.Combine(folder, ForensicsFormat.Events(segment.Number));
        if (segment.Events.Count == 0 || !File.Exists(path) || new FileInfo(path).Length > ForensicsFormat.MaxEvents)
            return;

        foreach (var line in File.ReadLines(path))
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
