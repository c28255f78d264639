namespace Notary.Recorder.Recording;

/// <summary>The three files of the segment that is being recorded. One thread at a time.</summary>
internal sealed class SegmentFiles : IDisposable
{
    /// <summary>Frames after which the next key frame begins a new segment however short this one is: ffmpeg makes up for a long stop in a burst.</summary>
    private const int ManyFrames = 300;

    private readonly string folder;
    private readonly Appender video;
    private readonly Appender frames;
    private readonly Appender events;
    private long eventCount;
    private long dropped;
    private (long Time, Arrival Arrival) first;
    private (long Time, Arrival Arrival) last;

    private SegmentFiles(string folder, long number, List<Appender> files)
    {
        (this.folder, Number) = (folder, number);
        (video, frames, events) = (files[0], files[1], files[2]);
    }

    /// <exception cref="IOException">They cannot be made, and none of them is there.</exception>
    public static SegmentFiles Create(string folder, long number, FragmentHead head)
    {
        var names = (string[])[ForensicsFormat.Video(number), ForensicsFormat.FrameList(number), ForensicsFormat.Events(number)];
        var files = new List<Appender>();
        try
        {
            files.AddRange(names.Select(name => new Appender(Path.Combine(folder, name))));
            files[0].Append(head.Bytes.Span);
            return new SegmentFiles(folder, number, files);
        }
        catch (IOException)
        {
            files.ForEach(file => file.Dispose());
            foreach (var name in names[..files.Count])
                File.Delete(Path.Combine(folder, name));

            throw;
        }
    }

    /// <summary>From 0.</summary>
    public long Number { get; }

    /// <summary>Frames in it.</summary>
    public int Count { get; private set; }

    /// <summary>Whether a key frame at that time belongs to the next segment: one that comes a little early does.</summary>
    public bool EndsBefore(long time) => Count > 0 && (time - first.Time >= Encoder.SegmentLength * 3 / 4 || Count >= ManyFrames);

    /// <summary>Hands a frame to the system.</summary>
    /// <param name="line">Of the list.</param>
    /// <param name="fragment">moof and mdat.</param>
    /// <param name="arrival">When it reached the recorder.</param>
    public void Frame(FrameLine line, ReadOnlySpan<byte> fragment, Arrival arrival)
    {
        var before = video.Size;
        video.Append(fragment);
        try
        {
            frames.Append(line.ToBytes());
        }
        catch (IOException)
        {
            video.CutTo(before);
            throw;
        }

        last = (line.Time, arrival);
        if (Count++ == 0)
            first = last;
    }

    /// <summary>Hands an event's line to the system, unless no reader would take so many of them: then they are counted.</summary>
    public void Event(ReadOnlySpan<byte> line)
    {
        if (events.Size + line.Length > ForensicsFormat.MaxEvents - ForensicsFormat.MaxEvent)
        {
            dropped++;
            return;
        }

        events.Append(line);
        eventCount++;
    }

    /// <summary>Says in the last event how many were left out.</summary>
    public void Finish(Arrival now)
    {
        if (dropped == 0)
            return;

        events.Append(EventLine.Write(now, "events-dropped", new JsonObject { ["count"] = dropped }));
        eventCount++;
    }

    /// <summary>Makes all of it durable.</summary>
    /// <returns>What its link says.</returns>
    /// <exception cref="IOException">Some may be lost.</exception>
    public LinkBody.Segment Seal()
    {
        video.Sync();
        frames.Sync();
        events.Sync();
        Posix.SyncFolder(Path.Combine(folder, "segments"));
        return new LinkBody.Segment(Number, video.Part(), new Lines(Count, frames.Part()), first.Time, last.Time,
            new Lines(eventCount, events.Part()), first.Arrival, last.Arrival);
    }

    public void Dispose()
    {
        video.Dispose();
        frames.Dispose();
        events.Dispose();
    }
}
