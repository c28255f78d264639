using System.Text.Json.Nodes;
using Notary.Evidence.Forensics;
using Notary.Recorder.Recording;
using Notary.Recorder.Tests;
using Notary.Verification;
using Notary.Verification.Forensics;

namespace Notary.Bench;

/// <summary>Recording and sealing a screen that moves all over, against ffmpeg alone with the same settings; judging it against decoding it.</summary>
internal static class ForensicsBench
{
    private const string Busy = "1280x800";

    /// <summary>Processor time of recorder and ffmpeg for a frame, by that of ffmpeg alone.</summary>
    private const double MostCost = 1.15;

    private const double MostDelay = 3;

    private const double LeastSpeed = 100;

    private const double LeastAgainstDecoding = 2;

    /// <summary>Recordings at once, on two cores.</summary>
    private const int AtOnce = 3;

    /// <summary>Shortens the recordings, for a trial. The figures that count are of two minutes: a start costs about as much as five seconds,
    /// and sessions last minutes to hours.</summary>
    private static readonly int Seconds = int.Parse(
        Environment.GetEnvironmentVariable("NOTARY_BENCH_FORENSICS_SECONDS") ?? "120", CultureInfo.InvariantCulture);

    private static string Load => $"load {File.ReadAllText("/proc/loadavg").Split(' ')[0]}";

    public static async Task<IReadOnlyList<Figure>> RunAsync()
    {
        var root = Directory.CreateTempSubdirectory("notary-bench").FullName;
        try
        {
            var (costs, delays) = (new List<double>(), new List<double>());
            await using (var desk = await Desk.StartAsync(root, Busy))
            {
                for (var i = 0; i < Pairs.Count; i++)
                    costs.Add(await PairAsync(desk, root, i, delays));
            }

            var recordings = Enumerable.Range(0, Pairs.Count).Select(i => Folder(root, i)).ToList();
            var verify = await Pairs.MeasureAsync("forensics: judging", "ffmpeg -f framehash of the decoded video, once", LeastAgainstDecoding, "s/s",
                () => Task.FromResult(Judge(recordings)), () => DecodeAsync(root, recordings),
                $"recorded seconds a second; every frame, event and signature; {Load}");
            var speed = Judge(recordings);
            var dropped = await CrowdAsync(root);
            return
            [
                new Ceiling("forensics: processor time", Median(costs), "x", MostCost, Figure.Say(
                    $"min {costs.Min():0.00}, max {costs.Max():0.00}, {costs.Count} pairs of {Seconds} s at the same time, a frame's user and system time ",
                    $"of all processes against ffmpeg alone into a file; {Load}")),
                new Ceiling("forensics: digest durable", Median(delays), "s", MostDelay, Figure.Say(
                    $"after the segment's last frame, max {delays.Max():0.00}, {delays.Count} segments")),
                verify,
                new Least("forensics: judging", speed, "x", LeastSpeed, "recorded time by the time that judging it takes"),
                dropped,
            ];
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    /// <summary>Both record the same screen at the same time.</summary>
    private static async Task<double> PairAsync(Desk desk, string root, int number, List<double> delays)
    {
        var folder = Folder(root, number);
        var ours = TimedRecorder.Start(desk, folder);
        var encoder = (await ours.OpenAsync()).Encoder.Split(' ');
        var alone = Path.Combine(root, $"alone-{number}.mp4");
        var (theirs, _) = await TimedRecorder.TimeAsync(TimedRecorder.Run(desk, ["ffmpeg", "-nostdin", .. encoder, "-t", $"{Seconds}", alone]));
        await ours.CloseAsync();
        var (cost, _) = await TimedRecorder.TimeAsync(ours.Process);
        delays.AddRange(ours.Delays);
        var frames = Links(folder).Select(l => l.Body).OfType<LinkBody.Close>().Single().Frames;
        var ratio = cost / frames / (theirs / await FramesAsync(alone));
        await Console.Error.WriteLineAsync(Figure.Say(
            $"forensics: pair {number + 1} of {Pairs.Count}, {ratio:0.00}x, {cost:0.0} s of {frames} frames and {theirs:0.0} s"));
        return ratio;
    }

    private static async Task<Figure> CrowdAsync(string root)
    {
        var desks = new List<Desk>();
        try
        {
            for (var i = 0; i < AtOnce; i++)
                desks.Add(await Desk.StartAsync(Directory.CreateDirectory(Path.Combine(root, $"desk-{i}")).FullName, Busy));

            var recorders = desks.Select((desk, i) => TimedRecorder.Start(desk, Path.Combine(root, $"crowd-{i}"))).ToList();
            await Task.Delay(TimeSpan.FromSeconds(Seconds));
            await Task.WhenAll(recorders.Select(r => r.CloseAsync()));
            await Task.WhenAll(recorders.Select(r => TimedRecorder.TimeAsync(r.Process)));
            var (missing, frames) = (0L, 0L);
            for (var i = 0; i < AtOnce; i++)
            {
                var links = Links(Path.Combine(root, $"crowd-{i}")).Select(l => l.Body).ToList();
                var (count, length) = (links.OfType<LinkBody.Close>().Single().Frames, links.OfType<LinkBody.Segment>().Last().Last);
                missing += Math.Max(0, (length / ForensicsFormat.Interval(10)) + 1 - count);
                frames += count;
            }

            return new Ceiling("forensics: dropped frames", missing, "frames", 0,
                Figure.Say($"beside {frames} that came, {AtOnce} recordings at once of {Seconds} s on {Environment.ProcessorCount} cores, ",
                    $"ten frames a second; {Load}"));
        }
        finally
        {
            foreach (var desk in desks)
                await desk.DisposeAsync();
        }
    }

    private static double Judge(List<string> recordings)
    {
        var (clock, recorded) = (Stopwatch.StartNew(), 0L);
        using var verifier = new ForensicsVerifier(null);
        foreach (var folder in recordings)
        {
            using var package = new RecordingPackage(folder);
            var report = verifier.Verify(package, null, default);
            recorded += report.Outcome != Outcome.Failed ? report.Length : throw new InvalidOperationException(string.Join('\n', report.Findings));
        }

        return recorded / 1e6 / clock.Elapsed.TotalSeconds;
    }

    /// <summary>All segments of a recording in one run of ffmpeg.</summary>
    private static async Task<double> DecodeAsync(string root, List<string> recordings)
    {
        var (list, recorded) = (Path.Combine(root, "segments.txt"), 0L);
        var clock = Stopwatch.StartNew();
        foreach (var folder in recordings)
        {
            var segments = Links(folder).Select(l => l.Body).OfType<LinkBody.Segment>().ToList();
            await File.WriteAllLinesAsync(list, segments.Select(s => $"file '{Path.Combine(folder, ForensicsFormat.Video(s.Number))}'"));
            var hashes = await Shell.RunAsync("ffmpeg", "-v", "error", "-f", "concat", "-safe", "0", "-i", list, "-map", "0:v", "-fps_mode", "passthrough",
                "-f", "framehash", "-hash", "sha256", "-");
            if (hashes.Split('\n').Count(line => line.Length > 0 && line[0] != '#') != segments.Sum(s => s.Frames.Count))
                throw new InvalidOperationException("ffmpeg found another number of frames");

            recorded += segments[^1].Last - segments[0].First;
        }

        return recorded / 1e6 / clock.Elapsed.TotalSeconds;
    }

    private static async Task<long> FramesAsync(string video) => long.Parse(await Shell.RunAsync("ffprobe", "-v", "error", "-count_packets",
        "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0", video), CultureInfo.InvariantCulture);

    private static IEnumerable<Link> Links(string folder) => File.ReadLines(Path.Combine(folder, ForensicsFormat.ChainFile))
        .Select(line => ChainLine.TryRead(Encoding.UTF8.GetBytes(line), out var link, out _) ? Link.Parse(link) : throw new InvalidOperationException(line));

    private static string Folder(string root, int number) => Path.Combine(root, $"pair-{number}");

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
