namespace Notary.Recorder.Recording;

/// <summary>Writes frames and events into the open segment, and has what is complete sealed: segments, and gaps between frames.</summary>
internal sealed class FrameRecorder(string folder, int framesPerSecond, SessionClock clock, StopWatcher watcher, Action<Func<LinkBody>> seal) : IDisposable
{
    /// <summary>Events before the first segment and between two: only an encoder that does not start makes them many.</summary>
    private const int MostWaiting = 10_000;

    private readonly long longest = ForensicsFormat.GapIntervals * ForensicsFormat.Interval(framesPerSecond);
    private readonly Lock gate = new();
    private readonly Queue<byte[]> waiting = new();
    private readonly TaskCompletionSource first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SegmentFiles? open;
    private FragmentHead? head;
    private (long Segment, int Count) newest = (-1, 0);
    private long segments;
    private long count;
    private long origin;
    private long last;
    private bool restarted;

    /// <summary>The session's first frame is written.</summary>
    public Task First => first.Task;

    /// <summary>The last frame that was written: its segment and its place in it; segment −1 before the first.</summary>
    public (long Segment, int Count) Newest
    {
        get
        {
            lock (gate)
            {
                return newest;
            }
        }
    }

    /// <summary>Takes what comes until there is no more, and has the last segment sealed whatever happened.</summary>
    /// <exception cref="IOException">The disk is full, or the like.</exception>
    public async Task RunAsync(ChannelReader<Captured> captured)
    {
        try
        {
            await foreach (var item in captured.ReadAllAsync())
            {
                lock (gate)
                {
                    Take(item);
                }
            }
        }
        finally
        {
            lock (gate)
            {
                EndSegment();
            }
        }
    }

    /// <summary>Writes an event's line into the open segment, or keeps it for the next.</summary>
    public void Event(byte[] line)
    {
        lock (gate)
        {
            if (open is not null)
                open.Event(line);
            else if (waiting.Count < MostWaiting)
                waiting.Enqueue(line);
        }
    }

    public void Dispose() => open?.Dispose();

    private void Take(Captured item)
    {
        switch (item)
        {
            case Captured.Begun begun:
                restarted = head is not null;
                head = begun.Head;
                break;
            case Captured.Ended:
                EndSegment();
                break;
            case Captured.Frame frame:
                Write(frame);
                break;
            default:
                throw new InvalidOperationException($"unhandled {item.GetType().Name}");
        }
    }

    private void Write(Captured.Frame frame)
    {
        if (count == 0)
            origin = frame.Arrival.Elapsed;

        // Frames that waited while this process was held come together: each still has a time of its own.
        var time = count == 0 ? 0 : Math.Max(frame.Arrival.Elapsed - origin, last + 1);
        if (frame.IsKey && open?.EndsBefore(time) == true)
            EndSegment();

        if (count > 0 && time - last > longest)
        {
            var reason = restarted ? GapReason.Restarted : watcher.StoodSince(last + origin) ? GapReason.Paused : GapReason.FramesDropped;
            var gap = new LinkBody.Gap(reason, last, time, time - last);
            seal(() => gap);
        }

        restarted = false;
        open ??= Begin();
        FragmentTimes.Set(frame.Fragment, time, (uint)Math.Clamp(frame.Duration, 1, uint.MaxValue));
        open.Frame(new FrameLine(count, time, frame.Sample, Digest.Of(frame.Fragment.AsSpan(^frame.Sample..))), frame.Fragment, frame.Arrival);
        newest = (open.Number, open.Count);
        last = time;
        if (count++ == 0)
            first.SetResult();
    }

    private SegmentFiles Begin()
    {
        var segment = SegmentFiles.Create(folder, segments++, head!);
        while (waiting.TryDequeue(out var line))
            segment.Event(line);

        return segment;
    }

    private void EndSegment()
    {
        if (open is not { Count: > 0 } segment)
            return;

        open = null;
        segment.Finish(clock.Now());
        seal(() =>
        {
            using (segment)
                return segment.Seal();
        });
    }
}
