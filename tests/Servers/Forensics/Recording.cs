using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using Notary.Evidence;
using Notary.Evidence.Forensics;
using Notary.Verification;

namespace Notary.Servers.Forensics;

/// <summary>A recording's package made without a desktop: real video, a genuine chain, log and time-stamps. For those who test verifiers.</summary>
public sealed class Recording
{
    /// <summary>Microseconds: of a frame, and from the first link to the first frame.</summary>
    private const long Interval = ForensicsFormat.Second / Clip.Rate, Lead = ForensicsFormat.Second / 2;

    /// <summary>Entries of others in the log, before each head.</summary>
    private const int Strangers = 5;

    private readonly RecordingShape shape;
    private readonly SampleEvidence platform;
    private readonly List<Digest> log = [];
    private readonly DateTimeOffset start;
    private readonly List<Fragment> frames;
    private readonly byte[] head;
    private readonly List<Appended> chain = [];
    private readonly ChainWriter writer;
    private long offset;
    private Digest? stated;

    private Recording(SampleEvidence platform, RecordingShape shape, List<Fragment> frames, byte[] head)
    {
        (this.platform, this.shape, this.frames, this.head) = (platform, shape, frames, head);
        writer = new ChainWriter(Key);
        var length = (shape.Segments * Clip.FramesOfSegment * Interval) + shape.Pauses.Sum(p => p.Length);
        start = DateTimeOffset.FromUnixTimeMilliseconds((TimeProvider.System.GetUtcNow() - TimeSpan.FromMicroseconds(length)).ToUnixTimeMilliseconds());
    }

    /// <summary>Of the recorder.</summary>
    public ECDsa Key { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>All of the package, by name.</summary>
    public SortedDictionary<string, byte[]> Files { get; private set; } = new(StringComparer.Ordinal);

    public IReadOnlyList<Link> Links => [.. chain.Select(c => c.Link)];

    /// <param name="platform">Has log and authorities.</param>
    /// <param name="video">From <see cref="Clip"/>; is repeated when it is too short.</param>
    /// <param name="shape">What it is like.</param>
    public static async Task<Recording> MakeAsync(SampleEvidence platform, byte[] video, RecordingShape shape)
    {
        var (reader, frames) = (new FragmentReader(new MemoryStream(video)), new List<Fragment>());
        var head = await reader.ReadHeadAsync(CancellationToken.None) ?? throw new ArgumentException("no video", nameof(video));
        while (await reader.ReadAsync(CancellationToken.None) is { } frame)
            frames.Add(frame with { Bytes = frame.Bytes.ToArray() });

        var recording = new Recording(platform, shape, frames, head.Bytes.ToArray());
        recording.Make();
        return recording;
    }

    /// <summary>Another package with these files changed.</summary>
    public SortedDictionary<string, byte[]> With(params (string Name, byte[]? Bytes)[] changes)
    {
        var files = new SortedDictionary<string, byte[]>(Files, StringComparer.Ordinal);
        foreach (var (name, bytes) in changes)
        {
            if (bytes is null)
                files.Remove(name);
            else
                files[name] = bytes;
        }

        return files;
    }

    /// <summary>The chain's lines, each without its LF.</summary>
    public List<string> Lines => [.. Encoding.UTF8.GetString(Files[ForensicsFormat.ChainFile]).Split('\n')[..^1]];

    /// <summary>A chain of these lines.</summary>
    public static byte[] OfLines(IEnumerable<string> lines) => Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + "\n")));

    /// <summary>A whole chain over other bodies, signed by anybody.</summary>
    public static byte[] Resign(IEnumerable<Link> links, ECDsa key)
    {
        var forged = new ChainWriter(key);
        return [.. links.SelectMany(l => forged.Append(l.Body, l.Written).Line)];
    }

    public static byte[] Zip(IEnumerable<KeyValuePair<string, byte[]>> files)
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in files)
            {
                using var entry = zip.CreateEntry(name, CompressionLevel.Fastest).Open();
                entry.Write(bytes);
            }
        }

        return memory.ToArray();
    }

    public static void Save(IEnumerable<KeyValuePair<string, byte[]>> files, string folder)
    {
        foreach (var (name, bytes) in files)
        {
            var path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, bytes);
        }
    }

    private void Make()
    {
        var tools = new Dictionary<string, string> { ["ffmpeg"] = "5.1.9" };
        Append(new LinkBody.Open(shape.Session, Key.ExportSubjectPublicKeyInfo(), new Screen(Clip.Width, Clip.Height, Clip.Rate), "libx264", tools), 0);
        if (shape.InputFirst)
            Append(new LinkBody.Input(true), 50_000);

        var check = new CleanlinessCheck("hosts", "127.0.0.1 localhost", "127.0.0.1 localhost", shape.Hosts);
        var report = new CleanlinessReport(shape.Session, start, [check]);
        var sealing = Append(new LinkBody.Cleanliness(Put(ForensicsFormat.Cleanliness, report.ToBytes()), report.Clean), 100_000);
        Log(sealing);
        if (!shape.InputFirst)
            Append(new LinkBody.Input(true), 200_000);

        var (time, elapsed, gaps) = (0L, 0L, 0);
        for (var s = 0; s < shape.Segments; s++)
            gaps += Segment(s, ref time, ref elapsed);

        if (shape.Invented is { } invented)
        {
            Append(invented, elapsed + Lead + 60_000);
            gaps++;
        }

        var picture = new NamedPart("0001.png", Put(ForensicsFormat.Picture("0001.png"), [1, 2, 3]));
        Append(new LinkBody.Mark("this matters", picture), elapsed + Lead + 70_000);
        var download = new NamedPart("files/0001", Put("files/0001", [4, 5, 6]));
        Append(new LinkBody.File("合同.pdf", download, FileOrigin.Download, "https://site.example/"), elapsed + Lead + 80_000);
        Append(new LinkBody.Input(false), elapsed + Lead + 90_000);
        Log(Append(new LinkBody.Close(shape.Close, shape.Segments, shape.Segments * Clip.FramesOfSegment, gaps), elapsed + Lead + 100_000));
        Files[ForensicsFormat.ChainFile] = [.. chain.SelectMany(c => c.Line)];
    }

    private int Segment(int s, ref long time, ref long elapsed)
    {
        var (video, list, gaps) = (new List<byte>(head), new List<byte>(), 0);
        var (first, arrived, last, lastArrived) = (0L, 0L, 0L, 0L);
        if (shape.Jump is { } jump && jump.Segment == s)
        {
            offset += jump.Length;
            if (jump.Sealed)
                gaps += Gap(new LinkBody.Gap(GapReason.ClockJump, elapsed + Lead, elapsed + Lead, jump.Length), elapsed + Lead);
        }

        var step = shape.Faster is { } faster && faster.Segment == s ? Interval / faster.Factor : Interval;
        for (var f = 0; f < Clip.FramesOfSegment; f++)
        {
            var index = (s * Clip.FramesOfSegment) + f;
            if (shape.Pauses.FirstOrDefault(p => p.Frame == index) is { } pause)
            {
                (time, elapsed) = (time + pause.Length, elapsed + pause.Length);
                if (pause.Sealed is { } reason)
                    gaps += Gap(new LinkBody.Gap(reason, time - pause.Length - step, time, pause.Length + step), elapsed + Lead);
            }

            if (f == 0)
                (first, arrived) = (time, elapsed + Lead);

            var frame = frames[index % frames.Count].Bytes.ToArray();
            var sample = frame.AsSpan(BinaryPrimitives.ReadInt32BigEndian(frame) + 8);
            BinaryPrimitives.WriteInt64BigEndian(frame.AsSpan(frame.AsSpan().IndexOf("tfdt"u8) + 8), time * 10_240 / ForensicsFormat.Second);
            video.AddRange(frame);
            list.AddRange(new FrameLine(index, time, sample.Length, Digest.Of(sample)).ToBytes());
            (last, lastArrived) = (time, elapsed + Lead + (shape.Backlog is { } late && late.Segment == s ? late.Length : 0));
            (time, elapsed) = (time + step, elapsed + Interval);
        }

        byte[] events =
        [
            .. EventLine.Write(At(arrived), "pointer", new JsonObject { ["x"] = s, ["y"] = 2, ["button"] = 1, ["down"] = true }),
            .. EventLine.Write(At(lastArrived), "key", new JsonObject { ["down"] = true }),
        ];
        var sealing = Append(new LinkBody.Segment(
            s, Put(ForensicsFormat.Video(s), [.. video]), new Lines(Clip.FramesOfSegment, Put(ForensicsFormat.FrameList(s), [.. list])), first, last,
            new Lines(2, Put(ForensicsFormat.Events(s), events)), At(arrived), At(lastArrived)), lastArrived + 50_000);
        if (s % shape.SegmentsOfHead == 0)
            Log(sealing);

        return gaps;
    }

    private int Gap(LinkBody.Gap gap, long elapsed)
    {
        Append(gap, elapsed);
        return 1;
    }

    private Arrival At(long elapsed) => new(start + TimeSpan.FromMicroseconds(elapsed + offset), elapsed);

    private Part Put(string name, byte[] bytes)
    {
        Files[name] = bytes;
        return new Part(bytes.Length, Digest.Of(bytes));
    }

    private Appended Append(LinkBody body, long elapsed)
    {
        chain.Add(writer.Append(body, At(elapsed)));
        return chain[^1];
    }

    private void Log(Appended sealing)
    {
        if (!shape.Logged)
            return;

        var n = sealing.Link.N;
        var head = new StatedHead(shape.Session, n, sealing.Head, sealing.Link.ToBytes().Length);
        var statement = new Manifest(DepositId.New(TimeProvider.System), "digest", "did:web:a.example", sealing.Link.Written.At,
            RandomNumberGenerator.GetBytes(Manifest.SaltBytes), [ManifestItem.Of(head.Name, head.Size, StatedHead.MediaType, head.Head)],
            null, stated, head.Notes)
        { Test = shape.Test };
        stated = statement.ToDigest();
        log.AddRange(Enumerable.Range(0, Strangers).Select(_ => new Digest(RandomNumberGenerator.GetBytes(Digest.Size))));
        log.Add(statement.ToDigest());
        var leaves = log.Select(e => Merkle.LeafHash(e.ToArray())).ToArray();
        var note = platform.SignNote(new Checkpoint(SampleEvidence.Origin, leaves.Length, Merkle.Root(leaves)).ToBody());
        var proof = new TlogProof(leaves.Length - 1, Merkle.InclusionProof(leaves.Length - 1, leaves), note, null);
        Files[ForensicsFormat.Statement(n)] = statement.ToBytes();
        Files[ForensicsFormat.Proof(n)] = Encoding.UTF8.GetBytes(proof.ToText());
        var late = sealing.Link.Written.At + shape.Stamped - TimeProvider.System.GetUtcNow();
        var imprint = Digest.Of(Encoding.UTF8.GetBytes(note));
        Files[ForensicsFormat.Token(n, 1)] = TokenResponse.Wrap(platform.Stamp("alpha", imprint, late));
        Files[ForensicsFormat.Token(n, 2)] = TokenResponse.Wrap(platform.Stamp("beta", imprint, late));
    }
}
