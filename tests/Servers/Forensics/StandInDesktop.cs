using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Threading.Channels;
using Notary.Evidence;
using Notary.Evidence.Forensics;
using Notary.Evidence.Forensics.Captures;

namespace Notary.Servers.Forensics;

/// <summary>A program in a desktop agent's place, for tests of the platform alone: it speaks an agent's lines and leaves a real recording, made while
/// it runs, of a test picture. A page whose path ends in <c>/dirty</c> gets a desktop that is not clean; <c>/provisioning</c> one that never comes,
/// <c>/measuring</c> one that is never measured, <c>/untouched</c> one that nobody touches and <c>/still</c> one that is touched once;
/// <c>/unclosing</c> one that does not end when it is told to.</summary>
public sealed class StandInDesktop
{
    private const string Link = "http://127.0.0.1:9/#";

    /// <summary>Frames of a segment, and microseconds between two; a frame's time is a whole number of these steps, and so of 64 ticks of the video.</summary>
    private const int FramesOfSegment = 10, Interval = 100_000, Step = 6250, TicksOfStep = 64;

    private readonly string folder, page;
    private readonly DepositId session;
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ChainWriter chain;
    private readonly Stopwatch elapsed = Stopwatch.StartNew();
    private readonly DateTimeOffset start = TimeProvider.System.GetUtcNow();
    private readonly List<byte> video = [], list = [], events = [];
    private readonly List<Fragment> clip = [];
    private byte[] head = [];
    private Arrival first;
    private Arrival last;
    private (long First, long Last) times = (-1, -1);
    private bool connected;
    private int inSegment, touched, touches, segments, gaps, files, captures;
    private long frames;

    private StandInDesktop(DepositId session, string folder, string page)
        => (this.session, this.folder, this.page, chain) = (session, folder, page, new ChainWriter(key));

    /// <summary>Runs until it is told to close, or its input ends.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        string Value(string name) => args[Array.IndexOf(args, name) + 1];
        var desktop = new StandInDesktop(DepositId.Parse(Value("--session")), Value("--out"), Value("--page"));
        await desktop.RecordAsync(desktop.page.Split('/')[^1]);
        return 0;
    }

    private async Task RecordAsync(string kind)
    {
        var commands = Channel.CreateUnbounded<string>();
        _ = Task.Run(async () =>
        {
            while (await Console.In.ReadLineAsync() is { } line)
            {
                if (kind != "unclosing" || !line.StartsWith("close", StringComparison.Ordinal))
                    commands.Writer.TryWrite(line);
            }

            commands.Writer.TryWrite("close aborted");
        });
        while (kind == "provisioning")
        {
            if ((await commands.Reader.ReadAsync()).StartsWith("close", StringComparison.Ordinal))
                return;
        }

        Directory.CreateDirectory(Path.Combine(folder, "segments"));
        touches = kind switch { "untouched" => 0, "still" => 1, _ => int.MaxValue };
        Append(new LinkBody.Open(session, key.ExportSubjectPublicKeyInfo(), new Screen(Clip.Width, Clip.Height, Clip.Rate), "libx264",
            new Dictionary<string, string> { ["desktop"] = "stand-in" }), default);
        var reader = new FragmentReader(new MemoryStream(await Clip.MakeAsync(1)));
        head = (await reader.ReadHeadAsync(CancellationToken.None))!.Bytes.ToArray();
        while (await reader.ReadAsync(CancellationToken.None) is { } frame)
            clip.Add(frame with { Bytes = frame.Bytes.ToArray() });

        if (kind != "measuring")
            Measure(kind == "dirty");

        using var timer = new PeriodicTimer(TimeSpan.FromMicroseconds(Interval));
        while (await timer.WaitForNextTickAsync())
        {
            Frame();
            if (inSegment == FramesOfSegment)
                Seal();

            while (commands.Reader.TryRead(out var command))
            {
                if (await ObeyAsync(command))
                    return;
            }
        }
    }

    private async Task<bool> ObeyAsync(string command)
    {
        var (word, rest) = command.Split(' ', 2) is [var a, var b] ? (a, b) : (command, "");
        switch (word)
        {
            case "link":
                var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
                Console.WriteLine(new JsonObject { ["kind"] = "view", ["link"] = Link + token }.ToJsonString());
                break;
            case "input" when !connected:
                Append(new LinkBody.Input(connected = true), Now());
                break;
            case "mark":
                Append(new LinkBody.Mark(rest, null), Now());
                break;
            case "capture":
                // Every second page shows what the site did not send.
                var capture = new StandInCapture { Number = ++captures, Address = page, At = Now().At };
                if (captures % 2 == 0)
                    capture = capture with { Dom = StandInCapture.Document("The price is 1."), Seen = [new(SeenOrigin.Text, "The price is 1.")] };

                Append(await capture.MakeAsync(folder), Now());
                break;
            case "upload":
                Take(rest.Split(' ', 2)[0], rest.Split(' ', 2)[1]);
                break;
            case "close":
                Seal();
                if (connected)
                    Append(new LinkBody.Input(false), Now());

                Append(new LinkBody.Close(Enum.Parse<CloseReason>(rest, ignoreCase: true), segments, frames, gaps), Now());
                return true;
        }

        return false;
    }

    private void Take(string staged, string name)
    {
        var path = $"files/{++files:D4}";
        Directory.CreateDirectory(Path.Combine(folder, "files"));
        var part = Put(path, File.ReadAllBytes(Path.Combine(folder, "..", staged)));
        Append(new LinkBody.File(name, new NamedPart(path, part), FileOrigin.Upload, null), Now());
        var said = new JsonObject { ["kind"] = "uploaded", ["file"] = staged, ["size"] = part.Size, ["digest"] = part.Digest.ToString() };
        Console.WriteLine(said.ToJsonString());
    }

    private void Measure(bool dirty)
    {
        CleanlinessCheck[] checks =
        [
            new("clock", "0 ms", "0 ms", CheckVerdict.Pass),
            new("hosts", "127.0.0.1 localhost", dirty ? "127.0.0.1 site.example" : "127.0.0.1 localhost", dirty ? CheckVerdict.Fail : CheckVerdict.Pass),
        ];
        var report = new CleanlinessReport(session, Now().At, checks);
        Append(new LinkBody.Cleanliness(Put(ForensicsFormat.Cleanliness, report.ToBytes()), report.Clean), Now());
    }

    private void Frame()
    {
        var now = Now();

        // Two ticks may come together where the machine is busy.
        var time = Math.Max(now.Elapsed / Step * Step, times.Last < 0 ? 0 : times.Last + Step);
        if (times.Last >= 0 && time - times.Last > ForensicsFormat.GapIntervals * Interval)
        {
            Append(new LinkBody.Gap(GapReason.FramesDropped, times.Last - Origin, time - Origin, time - times.Last), now);
            gaps++;
        }

        if (Origin < 0)
            Origin = time;

        var frame = clip[inSegment].Bytes.ToArray();
        var sample = frame.AsSpan(BinaryPrimitives.ReadInt32BigEndian(frame) + 8);
        BinaryPrimitives.WriteInt64BigEndian(frame.AsSpan(frame.AsSpan().IndexOf("tfdt"u8) + 8), (time - Origin) / Step * TicksOfStep);
        if (inSegment++ == 0)
        {
            video.AddRange(head);
            (first, times.First) = (now, time);
        }

        video.AddRange(frame);
        list.AddRange(new FrameLine(frames++, time - Origin, sample.Length, Digest.Of(sample)).ToBytes());
        (last, times.Last) = (now, time);
    }

    /// <summary>When the first frame came.</summary>
    private long Origin { get; set; } = -1;

    private void Seal()
    {
        if (inSegment == 0)
            return;

        if (connected && touches-- > 0)
        {
            events.AddRange(EventLine.Write(last, "pointer", new JsonObject { ["x"] = 1, ["y"] = 2, ["button"] = 0, ["down"] = false }));
            touched++;
        }

        Append(new LinkBody.Segment(segments, Put(ForensicsFormat.Video(segments), [.. video]),
            new Lines(inSegment, Put(ForensicsFormat.FrameList(segments), [.. list])), times.First - Origin, times.Last - Origin,
            new Lines(touched, Put(ForensicsFormat.Events(segments), [.. events])), first, last), Now());
        segments++;
        (inSegment, touched) = (0, 0);
        video.Clear();
        list.Clear();
        events.Clear();
    }

    private Arrival Now()
    {
        var micros = elapsed.ElapsedTicks * ForensicsFormat.Second / Stopwatch.Frequency;
        return new Arrival(DateTimeOffset.FromUnixTimeMilliseconds((start + TimeSpan.FromMicroseconds(micros)).ToUnixTimeMilliseconds()), micros);
    }

    private Part Put(string name, byte[] bytes)
    {
        File.WriteAllBytes(Path.Combine(folder, name), bytes);
        return new Part(bytes.Length, Digest.Of(bytes));
    }

    private void Append(LinkBody body, Arrival at)
    {
        var appended = chain.Append(body, body is LinkBody.Open ? new Arrival(DateTimeOffset.FromUnixTimeMilliseconds(start.ToUnixTimeMilliseconds()), 0) : at);
        using (var file = new FileStream(Path.Combine(folder, ForensicsFormat.ChainFile), FileMode.Append))
            file.Write(appended.Line);

        Console.WriteLine(new JsonObject { ["n"] = appended.Link.N, ["kind"] = appended.Link.Kind, ["head"] = appended.Head.ToString() }.ToJsonString());
    }
}
