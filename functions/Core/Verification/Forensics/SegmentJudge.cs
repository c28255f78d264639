using System.Buffers.Binary;
using Notary.Evidence.Forensics;

namespace Notary.Verification.Forensics;

/// <summary>Frames that are further apart than they should be, or not in order.</summary>
/// <param name="Frame">The later one.</param>
/// <param name="From">Time of the earlier.</param>
/// <param name="To">Of the later.</param>
internal readonly record struct Leap(long Frame, long From, long To);

/// <summary>What a segment's bytes show.</summary>
/// <param name="Findings">What is wrong with it.</param>
/// <param name="Leaps">Between its frames; null when they could not all be read.</param>
/// <param name="Origin">Decode time of its first frame; null when there is none.</param>
/// <param name="Timescale">Of its video; 0 when that cannot be read.</param>
internal sealed record JudgedSegment(IReadOnlyList<ForensicsFinding> Findings, IReadOnlyList<Leap>? Leaps, long? Origin, uint Timescale);

/// <summary>Judges one segment whole: its three files are what was sealed, and every frame is the one in the list. Safe on several threads.</summary>
internal sealed class SegmentJudge(RecordingPackage package, Screen screen)
{
    /// <summary>Findings about one segment's frames: where a whole segment was exchanged, each frame is another.</summary>
    private const int MaxFrameFindings = 4;

    private readonly long farApart = ForensicsFormat.GapIntervals * ForensicsFormat.Interval(screen.FramesPerSecond);

    /// <param name="n">Number of the link.</param>
    /// <param name="elapsed">When that was written.</param>
    /// <param name="stated">What it seals.</param>
    /// <param name="index">Number of the first frame.</param>
    /// <param name="first">Of the session: decode time and timescale; null while this is the first.</param>
    public JudgedSegment Judge(long n, long elapsed, LinkBody.Segment stated, long index, (long Origin, uint Timescale)? first)
    {
        var found = new List<ForensicsFinding>();
        var place = new Place(n, stated.Number);
        using var video = Take(ForensicsFormat.Video(stated.Number), stated.Video, ForensicsFormat.MaxVideo, "video", place, found);
        using var list = Take(ForensicsFormat.FrameList(stated.Number), stated.Frames.Part, ForensicsFormat.MaxFrameList, "frames", place, found);
        using (var events = Take(ForensicsFormat.Events(stated.Number), stated.Events.Part, ForensicsFormat.MaxEvents, "events", place, found))
        {
            if (events is not null)
                Events(events.Bytes.Span, stated.Events.Count, elapsed, place, found);
        }

        if (video is null || list is null)
            return new JudgedSegment(found, null, null, 0);

        try
        {
            return Frames(video.Bytes, list.Bytes.Span, stated, index, first, place, found);
        }
        catch (FaultException e)
        {
            found.Add(Fail(ForensicsRung.Frames, place, "video-malformed", e.Message));
            return new JudgedSegment(found, null, null, 0);
        }
    }

    /// <summary>Judges what was being written when the recording broke off: whole frames, which nothing seals.</summary>
    /// <param name="number">Of the segment.</param>
    /// <param name="index">Number of its first frame.</param>
    /// <returns>Null when there is no video of that segment.</returns>
    public ForensicsFinding? JudgeUnsealed(long number, long index)
    {
        var place = new Place(Segment: number, File: ForensicsFormat.Video(number));
        var count = 0;
        try
        {
            using var file = package.Read(place.File!, ForensicsFormat.MaxVideo);
            using var lines = package.Read(ForensicsFormat.FrameList(number), ForensicsFormat.MaxFrameList);
            if (file is null)
                return null;

            ReadOnlySpan<byte> list = lines is null ? [] : lines.Bytes.Span;
            var video = file.Bytes;
            var head = Head(ref video);
            for (; !video.IsEmpty && FrameLine.TryTake(ref list, out var line); count++)
            {
                var sample = Fragment.Take(head, ref video).Sample;
                if ((line.Index, line.Size, line.Digest) != (index + count, sample.Length, Digest.Of(sample.Span)))
                    return Fail(ForensicsRung.Frames, place with { Frame = index + count }, "frame-differs", "the frame is not the one in the list");
            }
        }
        catch (Exception e) when (e is FaultException or InvalidDataException)
        {
            // Torn where the writing ended.
        }

        return new(ForensicsRung.Frames, place, Mark.Unknown, "unsealed",
            $"segment {number} was being written when the recording broke off: {count} whole frames are as in its list, and nothing seals them");
    }

    private Rented? Take(string name, Part expected, int most, string what, Place place, List<ForensicsFinding> found)
    {
        Rented? file = null;
        try
        {
            file = package.Read(name, most);
        }
        catch (InvalidDataException)
        {
            found.Add(Fail(ForensicsRung.Segments, place with { File = name }, $"{what}-changed", $"{name} cannot be unpacked"));
            return null;
        }

        if (file is null)
            found.Add(Fail(ForensicsRung.Segments, place with { File = name }, $"{what}-missing", $"{name} is missing, or longer than any segment's"));
        else if (file.Bytes.Length != expected.Size || Digest.Of(file.Bytes.Span) != expected.Digest)
            found.Add(Fail(ForensicsRung.Segments, place with { File = name }, $"{what}-changed", $"{name} is not the file that link {place.Link} sealed"));

        return file;
    }

    private JudgedSegment Frames(
        ReadOnlyMemory<byte> video, ReadOnlySpan<byte> list, LinkBody.Segment stated, long index, (long Origin, uint Timescale)? first, Place place,
        List<ForensicsFinding> found)
    {
        var head = Head(ref video);
        if ((head.Width, head.Height) != (screen.Width, screen.Height) || (first is { } known && known.Timescale != head.Timescale))
            found.Add(Fail(ForensicsRung.Frames, place, "video-differs", "the video has not the size or the time base of the session's"));

        var (leaps, wrong, origin, frame) = (new List<Leap>(), 0, first?.Origin, index);
        var (begin, last) = (-1L, -1L);
        for (; !video.IsEmpty; frame++)
        {
            var sample = Fragment.Take(head, ref video);
            origin ??= sample.DecodeTime;
            var time = head.Time(sample.DecodeTime, origin.Value);
            if (frame == index)
                begin = time;
            else if (time <= last || time - last > farApart)
                leaps.Add(new Leap(frame, last, time));

            last = time;
            var digest = Digest.Of(sample.Sample.Span);
            if (!FrameLine.TryTake(ref list, out var line))
                list = [];

            if (line != new FrameLine(frame, time, sample.Sample.Length, digest) && wrong++ < MaxFrameFindings)
                found.Add(Fail(ForensicsRung.Frames, place with { Frame = frame }, "frame-differs", Differs(line, frame, time, digest)));

            if (frame == index && !sample.IsSync)
                found.Add(Fail(ForensicsRung.Frames, place with { Frame = frame }, "no-key-frame", "the segment's first frame is no key frame"));
        }

        if (wrong > MaxFrameFindings)
            found.Add(Fail(ForensicsRung.Frames, place, "frame-differs", $"{wrong} frames of the segment are not those in the list"));

        if (!list.IsEmpty || frame - index != stated.Frames.Count || begin != stated.First || last != stated.Last)
            found.Add(Fail(ForensicsRung.Frames, place, "frames-differ",
                $"the video has {frame - index} frames from {begin} to {last} µs; sealed were {stated.Frames.Count} from {stated.First} to {stated.Last}"));

        return new JudgedSegment(found, leaps, origin, head.Timescale);
    }

    // The two boxes before the first fragment.
    private static FragmentHead Head(ref ReadOnlyMemory<byte> video)
    {
        var length = 0L;
        for (var box = 0; box < 2; box++)
        {
            var size = video.Length >= length + 8 ? BinaryPrimitives.ReadUInt32BigEndian(video.Span[(int)length..]) : 0;
            if (size == 0 || (length += size) > Math.Min(video.Length, ForensicsFormat.MaxHead))
                throw new FaultException(Fault.Malformed, "the video: it has no head");
        }

        var head = FragmentHead.Parse(video[..(int)length]);
        video = video[(int)length..];
        return head;
    }

    private static string Differs(FrameLine line, long frame, long time, Digest digest)
        => line == default ? $"frame {frame} is not in the list"
        : line.Digest != digest ? $"frame {frame} of the video is another picture than the one in the list"
        : $"frame {frame} of the video is at {time} µs; in the list is frame {line.Index} at {line.Time}";

    private static void Events(ReadOnlySpan<byte> lines, long count, long elapsed, Place place, List<ForensicsFinding> found)
    {
        var number = 0L;
        try
        {
            for (; lines.IndexOf((byte)'\n') is >= 0 and var end; lines = lines[(end + 1)..], number++)
            {
                if (EventLine.Parse(lines[..end]).Moment.Elapsed > elapsed)
                    throw new FaultException(Fault.Malformed, "it happened after it was sealed");
            }
        }
        catch (FaultException e)
        {
            found.Add(Fail(ForensicsRung.Segments, place, "event-malformed", $"event {number} of the segment: {e.Message}"));
            return;
        }

        if (number != count || !lines.IsEmpty)
            found.Add(Fail(ForensicsRung.Segments, place, "events-differ", $"the segment has {number} events, and {count} were sealed"));
    }

    private static ForensicsFinding Fail(ForensicsRung rung, Place place, string code, string reason) => new(rung, place, Mark.Fail, code, reason);
}
