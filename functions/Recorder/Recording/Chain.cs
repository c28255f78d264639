namespace Notary.Recorder.Recording;

/// <summary>The session's chain: links are appended one after the other, each durable before the next is begun and before anybody is told of it.</summary>
internal sealed class Chain : IAsyncDisposable
{
    private readonly Channel<Job> jobs = Channel.CreateUnbounded<Job>(new UnboundedChannelOptions { SingleReader = true });

    // Made here and never written anywhere: whoever has the folder cannot go on with its chain.
    private readonly SessionKey key = SessionKey.New();
    private readonly ChainWriter writer;
    private readonly Appender file;
    private readonly SessionClock clock;
    private readonly Action<Appended> appended;
    private readonly Task run;
    private bool begun;
    private bool failed;

    /// <exception cref="IOException">The folder has a chain, or cannot hold one.</exception>
    public Chain(string folder, SessionClock clock, Action<Appended> appended)
    {
        (this.clock, this.appended) = (clock, appended);
        file = new Appender(Path.Combine(folder, ForensicsFormat.ChainFile));
        Posix.SyncFolder(folder);
        writer = new ChainWriter(link => key.Sign(link));
        run = Task.Run(RunAsync);
    }

    /// <summary>SubjectPublicKeyInfo.</summary>
    public byte[] PublicKey => key.PublicKey;

    /// <summary>What the links so far say, for the one that closes. Read by a link's own body only.</summary>
    public long Segments { get; private set; }

    /// <summary>Likewise.</summary>
    public long Frames { get; private set; }

    /// <summary>Likewise.</summary>
    public long Gaps { get; private set; }

    /// <summary>Appends a link after those asked for before.</summary>
    /// <param name="body">Makes durable what the link seals, and says what the link says.</param>
    /// <returns>The link, durable.</returns>
    /// <exception cref="IOException">It is not, or may not be.</exception>
    public async Task<Appended> AppendAsync(Func<LinkBody> body)
    {
        var job = new Job(body, new TaskCompletionSource<Appended>(TaskCreationOptions.RunContinuationsAsynchronously));
        return jobs.Writer.TryWrite(job) ? await job.Done.Task : throw new InvalidOperationException("the chain has ended");
    }

    private async Task RunAsync()
    {
        await foreach (var job in jobs.Reader.ReadAllAsync())
        {
            try
            {
                job.Done.SetResult(Append(job.Body));
            }
            catch (Exception e)
            {
                job.Done.SetException(e);
            }
        }
    }

    private Appended Append(Func<LinkBody> body)
    {
        if (failed)
            throw new IOException("a link before could not be written");

        var link = writer.Append(body(), begun ? clock.Now() : clock.Start);
        begun = true;

        // From here on the writer's head is this link: if that does not reach the disk, nothing may follow it there.
        failed = true;
        file.Append(link.Line);
        file.Sync();
        failed = false;
        Count(link.Link.Body);
        appended(link);
        return link;
    }

    private void Count(LinkBody body)
    {
        if (body is LinkBody.Gap)
            Gaps++;

        if (body is LinkBody.Segment segment)
            (Segments, Frames) = (Segments + 1, Frames + segment.Frames.Count);
    }

    /// <summary>Ends it after the links that were asked for, and forgets the key.</summary>
    public async ValueTask DisposeAsync()
    {
        jobs.Writer.TryComplete();
        await run;
        file.Dispose();
        key.Dispose();
    }

    private sealed record Job(Func<LinkBody> Body, TaskCompletionSource<Appended> Done);
}
