using Notary.Evidence.Forensics;
using Notary.Servers.Forensics;

namespace Notary.Evidence.Tests.Forensics;

/// <summary>Fragmented mp4 as ffmpeg writes it, frame by frame.</summary>
[TestClass]
public sealed class FragmentTests
{
    private const int Seconds = 5;

    private static byte[] video = [];

    [ClassInitialize]
    public static async Task MakeAsync(TestContext _) => video = await Clip.MakeAsync(Seconds);

    [TestMethod]
    public async Task FramesAreWhatFfmpegSays()
    {
        var (head, frames) = await ReadAsync(new MemoryStream(video));
        Assert.AreEqual((Clip.Width, Clip.Height), (head!.Width, head.Height));
        CollectionAssert.AreEqual(await Clip.FrameHashesAsync(video), frames.Select(f => f.Digest.ToString()).ToArray());
        for (var i = 0; i < frames.Count; i++)
        {
            Assert.AreEqual(i * ForensicsFormat.Second / Clip.Rate, frames[i].Time);
            Assert.AreEqual(i % Clip.FramesOfSegment == 0, frames[i].IsSync, $"frame {i}");
        }
    }

    [TestMethod]
    public async Task AStreamThatGrowsByTheByteGivesTheSame()
    {
        var (_, whole) = await ReadAsync(new MemoryStream(video));
        var (_, dribbled) = await ReadAsync(new Dribble(video));
        CollectionAssert.AreEqual(whole, dribbled);
    }

    [TestMethod]
    public async Task CutAnywhereItGivesTheWholeFramesAndSaysThatItIsTorn()
    {
        var (_, whole) = await ReadAsync(new MemoryStream(video));
        for (var cut = 0; cut < video.Length; cut += 997)
        {
            var reader = new FragmentReader(new MemoryStream(video, 0, cut));
            var (count, bytes) = (0, 0);
            if (await reader.ReadHeadAsync(CancellationToken.None) is { } head)
            {
                bytes = head.Bytes.Length;
                for (; await reader.ReadAsync(CancellationToken.None) is { } frame; count++, bytes += frame.Bytes.Length)
                    Assert.AreEqual(whole[count].Digest, Digest.Of(frame.Sample.Span));
            }

            Assert.AreEqual(bytes != cut, reader.IsTorn, $"cut at {cut}");
        }
    }

    [TestMethod]
    public void AnyBytesAreFramesOrAFault() => Prop.ForAll(
        Gen.Choose(0, 6000).SelectMany(at => Gen.Choose(0, 255), (at, value) => (at, value)).ToArbitrary(),
        spoilt =>
        {
            var bytes = video[..8000];
            bytes[spoilt.at] = (byte)spoilt.value;
            try
            {
                _ = ReadAsync(new MemoryStream(bytes)).GetAwaiter().GetResult();
            }
            catch (FaultException e)
            {
                Assert.AreEqual(Fault.Malformed, e.Fault);
            }
        }).QuickCheckThrowOnFailure();

    private static async Task<(FragmentHead? Head, List<(long Time, bool IsSync, Digest Digest)> Frames)> ReadAsync(Stream stream)
    {
        var reader = new FragmentReader(stream);
        var frames = new List<(long, bool, Digest)>();
        long? first = null;
        var head = await reader.ReadHeadAsync(CancellationToken.None);
        while (head is not null && await reader.ReadAsync(CancellationToken.None) is { } frame)
        {
            first ??= frame.DecodeTime;
            frames.Add((head.Time(frame.DecodeTime, first.Value), frame.IsSync, Digest.Of(frame.Sample.Span)));
        }

        return (head, frames);
    }

    /// <summary>Gives a byte, then seven, then a byte: never what was asked for.</summary>
    private sealed class Dribble(byte[] bytes) : MemoryStream(bytes)
    {
        private bool few;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            => base.ReadAsync(buffer[..Math.Min(buffer.Length, (few = !few) ? 1 : 7)], cancellationToken);
    }
}
