using Notary.Evidence.Forensics;
using Notary.Servers.Forensics;

namespace Notary.Evidence.Tests.Forensics;

/// <summary>The example of docs/forensics-format.md is what these types read and would write.</summary>
[TestClass]
public sealed class ForensicsFormatTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(TestFiles.Root, "docs", "forensics-format.md"));
    private static readonly SortedDictionary<string, byte[]> Shown = FormatExample.Files(Document);

    [TestMethod]
    public async Task TheExampleIsWhatTheTypesReadAndWrite()
    {
        var (heads, links) = (new List<Digest>(), new List<Link>());
        foreach (var line in Encoding.UTF8.GetString(Shown[ForensicsFormat.ChainFile]).Split('\n')[..^1])
        {
            Assert.IsTrue(ChainLine.TryRead(Encoding.UTF8.GetBytes(line), out var bytes, out var signature));
            links.Add(Link.Parse(bytes));
            CollectionAssert.AreEqual(Encoding.UTF8.GetBytes(line + "\n"), ChainLine.Write(links[^1].ToBytes(), signature));
            Assert.AreEqual(heads.LastOrDefault(), links[^1].Previous);
            heads.Add(Digest.Of(bytes));
        }

        var report = CleanlinessReport.Parse(Shown[ForensicsFormat.Cleanliness]);
        Assert.AreEqual(new LinkBody.Cleanliness(Sealed(ForensicsFormat.Cleanliness), report.Clean), links[1].Body);
        var index = 0;
        foreach (var segment in links.Select(l => l.Body).OfType<LinkBody.Segment>())
        {
            Assert.AreEqual((segment.Video, segment.Frames.Part, segment.Events.Part), (Sealed(ForensicsFormat.Video(segment.Number)),
                Sealed(ForensicsFormat.FrameList(segment.Number)), Sealed(ForensicsFormat.Events(segment.Number))));
            var list = await ListAsync(Shown[ForensicsFormat.Video(segment.Number)], index);
            Assert.AreEqual(list, Encoding.ASCII.GetString(Shown[ForensicsFormat.FrameList(segment.Number)]));
            index += (int)segment.Frames.Count;
        }

        var statement = Manifest.Parse(Shown[ForensicsFormat.Statement(9)]);
        var session = ((LinkBody.Open)links[0].Body).Session;
        Assert.AreEqual(new StatedHead(session, 9, heads[9], links[9].ToBytes().Length), StatedHead.Of(statement));
        Assert.AreEqual(Manifest.Parse(Shown[ForensicsFormat.Statement(1)]).ToDigest(), statement.Previous);
        var proof = TlogProof.Parse(Encoding.UTF8.GetString(Shown[ForensicsFormat.Proof(9)]));
        var note = proof.CheckpointNote;
        var checkpoint = Checkpoint.Parse(note[..(note.IndexOf("\n\n", StringComparison.Ordinal) + 1)]);
        var leaf = Merkle.LeafHash(statement.ToDigest().ToArray());
        Assert.IsTrue(Merkle.VerifyInclusion(leaf, proof.Index, checkpoint.Size, proof.Path, checkpoint.Root));
        var figures = FormatExample.Figures(Document);
        Assert.AreEqual(figures["head after link 0"], heads[0].ToString());
        Assert.AreEqual(figures["head after link 9"], heads[9].ToString());
        Assert.AreEqual(figures["manifest of head 9"], statement.ToDigest().ToString());
        Assert.AreEqual(figures["leaf of head 9"], leaf.ToString());
        Assert.HasCount(4, figures);
        Assert.HasCount(13, Shown);
    }

    private static async Task<string> ListAsync(byte[] video, long index)
    {
        var (reader, list) = (new FragmentReader(new MemoryStream(video)), new StringBuilder());
        var head = await reader.ReadHeadAsync(CancellationToken.None);
        while (await reader.ReadAsync(CancellationToken.None) is { } frame)
        {
            var line = new FrameLine(index++, head!.Time(frame.DecodeTime, 0), frame.Sample.Length, Digest.Of(frame.Sample.Span));
            list.Append(Encoding.ASCII.GetString(line.ToBytes()));
        }

        return list.ToString();
    }

    private static Part Sealed(string name) => new(Shown[name].Length, Digest.Of(Shown[name]));
}
