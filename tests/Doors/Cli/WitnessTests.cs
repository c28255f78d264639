namespace Notary.Cli.Tests;

/// <summary>A witness over HTTP: what it cosigns, what it refuses, and what it knows after it was killed.</summary>
[TestClass]
public sealed class WitnessTests
{
    private static readonly Digest[] Honest = WitnessBed.Leaves("honest", 200);

    [TestMethod]
    public async Task It_cosigns_what_continues_and_refuses_forks_rewinds_and_strangers()
    {
        await using var bed = await WitnessBed.BeginAsync();
        await bed.StartAsync();
        Assert.AreEqual((HttpStatusCode.Conflict, "0\n", "text/x.tlog.size"), await bed.AskAsync(bed.Request(Honest, 3, 7)), "nothing was cosigned yet");
        await CosignedAsync(bed, 0, 7);
        await CosignedAsync(bed, 7, 7);
        await CosignedAsync(bed, 7, 64);
        await CosignedAsync(bed, 64, 101);

        // Fork: another tree of the same size, and one that is larger; with the proofs that the other history has.
        var fork = WitnessBed.Leaves("fork", 200);
        Assert.AreEqual((HttpStatusCode.Conflict, "101\n", "text/x.tlog.size"), await bed.AskAsync(bed.Request(fork, 101, 101)));
        Assert.AreEqual(HttpStatusCode.UnprocessableEntity, (await bed.AskAsync(bed.Request(fork, 101, 150))).Status);
        Digest[] turned = [.. Honest[..100], .. fork[100..]];
        Assert.AreEqual(HttpStatusCode.UnprocessableEntity, (await bed.AskAsync(bed.Request(turned, 101, 150))).Status);

        // Rewind: a smaller tree, honest or not, from whatever size it claims to begin at.
        Assert.AreEqual((HttpStatusCode.Conflict, "101\n", "text/x.tlog.size"), await bed.AskAsync(bed.Request(Honest, 64, 80)));
        Assert.AreEqual((HttpStatusCode.Conflict, "101\n", "text/x.tlog.size"), await bed.AskAsync(bed.Request(Honest, 0, 80)));
        Assert.AreEqual(HttpStatusCode.BadRequest, (await bed.AskAsync(WitnessBed.Body(101, [], bed.Note(Honest, 80)))).Status);

        // No proof, another proof, one too many.
        var proof = WitnessBed.Proof(Honest, 101, 150);
        foreach (var bad in new IReadOnlyList<Digest>[] { [], [.. proof.Skip(1)], [.. proof, proof[0]], [.. proof.Reverse()] })
            Assert.AreEqual(HttpStatusCode.UnprocessableEntity, (await bed.AskAsync(WitnessBed.Body(101, bad, bed.Note(Honest, 150)))).Status);

        // Strangers: a log that is not watched, another key under the log's name, a text that was changed.
        await using var other = await WitnessBed.BeginAsync();
        Assert.AreEqual(HttpStatusCode.Forbidden, (await bed.AskAsync(other.Request(Honest, 101, 150))).Status);
        Assert.AreEqual(HttpStatusCode.Forbidden,
            (await bed.AskAsync(bed.Request(Honest, 101, 150).Replace("\n150\n", "\n151\n", StringComparison.Ordinal))).Status);
        Assert.AreEqual(HttpStatusCode.NotFound,
            (await bed.AskAsync(bed.Request(Honest, 101, 150).Replace(WitnessBed.Origin, "log.example/other", StringComparison.Ordinal))).Status);
        Assert.AreEqual(HttpStatusCode.NotFound, (await bed.AskAsync(bed.Request(Honest, 101, 150), "other")).Status);
        await CosignedAsync(bed, 101, 150);
    }

    [TestMethod]
    public async Task A_body_in_another_spelling_or_without_bound_is_refused()
    {
        await using var bed = await WitnessBed.BeginAsync();
        await bed.StartAsync();
        await CosignedAsync(bed, 0, 5);
        var good = bed.Request(Honest, 5, 9);
        var hash = Convert.ToBase64String(Honest[0].ToArray());
        foreach (var bad in new[]
        {
            "", "old 5", good.Replace("old 5", "old 05", StringComparison.Ordinal), good.Replace("old 5", "old  5", StringComparison.Ordinal),
            good.Replace("old 5", "old -5", StringComparison.Ordinal), good.Replace("old 5", "Old 5", StringComparison.Ordinal),
            good.Replace("old 5", "old 9223372036854775808", StringComparison.Ordinal), good.Replace("\n", "\r\n", StringComparison.Ordinal),
            good.Replace("old 5\n", "old 5\nAAAA\n", StringComparison.Ordinal), good.Replace("old 5\n", $"old 5\n {hash}\n", StringComparison.Ordinal),
            good.Replace("old 5\n", "old 5\n" + string.Concat(Enumerable.Repeat(hash + "\n", 64)), StringComparison.Ordinal), good.TrimEnd('\n'),
        })
            Assert.AreEqual(HttpStatusCode.BadRequest, (await bed.AskAsync(bad)).Status, bad);

        // Of what is too long nothing is waited for: the head alone is answered.
        using var tcp = new System.Net.Sockets.TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, bed.Url!.Port);
        await tcp.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /add-checkpoint HTTP/1.1\r\nHost: witness\r\nContent-Length: {AddCheckpoint.MaxBytes + 1}\r\n\r\n"));
        using var answer = new StreamReader(tcp.GetStream());
        StringAssert.StartsWith(await answer.ReadLineAsync(), "HTTP/1.1 413 ");
        await CosignedAsync(bed, 5, 9);
    }

    [TestMethod]
    public async Task Killed_while_it_answers_it_knows_every_cosignature_that_left()
    {
        await using var bed = await WitnessBed.BeginAsync();
        var fork = WitnessBed.Leaves("fork", 200);
        var (known, seen) = (0, 0);
        for (var round = 0; round < 4; round++)
        {
            await bed.StartAsync();
            Task? kill = null;
            try
            {
                for (var size = known + 1; size < known + 40; size++)
                {
                    // Killed with a request on its way, at no chosen place.
                    var ask = bed.AskAsync(bed.Request(Honest, size - 1, size));
                    if (size == known + 20 + round)
                        kill = bed.KillAsync();

                    Assert.AreEqual(HttpStatusCode.OK, (await ask).Status, $"{size - 1} to {size}");
                    seen = size;
                }
            }
            catch (HttpRequestException)
            {
                Assert.IsNotNull(kill);
            }

            await kill!;
            await bed.StartAsync();
            var (status, size409, _) = await bed.AskAsync(bed.Request(Honest, 199, 199));
            Assert.AreEqual(HttpStatusCode.Conflict, status);
            known = int.Parse(size409, System.Globalization.CultureInfo.InvariantCulture);
            Assert.IsTrue(known == seen || known == seen + 1, $"{seen} left, {known} is known");
            Assert.AreEqual(HttpStatusCode.Conflict, (await bed.AskAsync(bed.Request(fork, known, known))).Status);
            await bed.KillAsync();
        }
    }

    [TestMethod]
    [DataRow(new int[0], 3)]
    [DataRow(new[] { 3, 8 }, 13)]
    public async Task A_write_cut_at_any_byte_leaves_the_checkpoint_before_it_or_its_own(int[] sizes, int next)
    {
        await using var bed = await WitnessBed.BeginAsync();
        using (var log = WitnessLog.Open(bed.LogFile))
        {
            foreach (var size in sizes)
                log.Advance(bed.Note(Honest, size), new Checkpoint(WitnessBed.Origin, size, Merkle.Root(Honest.AsSpan(0, size))));
        }

        // The empty tree was first: the next one goes to the second place, over the first of two.
        var (before, record) = (await File.ReadAllBytesAsync(bed.LogFile), WitnessLog.Record(bed.Note(Honest, next)));
        var place = (int)WitnessLog.Offset(1);
        Array.Resize(ref before, Math.Max(before.Length, place + record.Length));
        for (var cut = 0; cut <= record.Length; cut++)
        {
            record.AsSpan(0, cut).CopyTo(before.AsSpan(place));
            await File.WriteAllBytesAsync(bed.LogFile, before);
            using var log = WitnessLog.Open(bed.LogFile);
            Assert.AreEqual(cut == record.Length ? next : sizes.LastOrDefault(), log.Size, $"cut after {cut} of {record.Length} bytes");
            Assert.AreEqual(Merkle.Root(Honest.AsSpan(0, (int)log.Size)), log.Root);
        }

        // Neither both places damaged nor a file cut short is a log that begins again.
        await File.WriteAllBytesAsync(bed.LogFile, before[..((int)WitnessLog.Offset(0) + 20)]);
        Assert.ThrowsExactly<CliException>(() => WitnessLog.Open(bed.LogFile).Dispose());
        before[(int)WitnessLog.Offset(0) + 20] ^= 1;
        before[place + 20] ^= 1;
        await File.WriteAllBytesAsync(bed.LogFile, before);
        Assert.ThrowsExactly<CliException>(() => WitnessLog.Open(bed.LogFile).Dispose());
    }

    [TestMethod]
    public async Task Neither_a_key_nor_a_state_is_overwritten_and_two_witnesses_do_not_share_one()
    {
        await using var bed = await WitnessBed.BeginAsync();
        Assert.AreEqual(2, (await Run.AsyncOf("witness", "keygen", WitnessBed.Name, "--key-file", bed.KeyFile)).Exit);
        Assert.AreEqual(2, (await Run.AsyncOf("witness", "keygen", "a name", "--key-file", bed.KeyFile + "2")).Exit);
        Assert.IsFalse(File.Exists(bed.KeyFile + "2"));
        Assert.AreEqual(2, (await Run.AsyncOf("witness", "watch", bed.Log.ToString(), "--state", bed.State)).Exit);
        Assert.AreEqual(2, (await Run.AsyncOf("witness", "watch", bed.Witness.ToString(), "--state", bed.State)).Exit);
        using var held = WitnessLog.Open(bed.LogFile);
        var second = await Run.AsyncOf("witness", "serve", "--key-file", bed.KeyFile, "--state", bed.State, "--listen", "127.0.0.1:0");
        Assert.AreEqual(2, second.Exit);
        StringAssert.Contains(second.Error, "another witness");
    }

    [TestMethod]
    public async Task A_platforms_log_is_watched_by_its_trust_file_and_cosigned_as_its_bundles_have_it()
    {
        await using var sample = await Servers.SampleEvidence.CreateAsync();
        await using var bed = await WitnessBed.BeginAsync();
        var trust = bed.KeyFile + ".trust";
        await File.WriteAllBytesAsync(trust, sample.Trust.ToBytes());
        Assert.AreEqual(2, (await Run.AsyncOf("witness", "watch", "--state", bed.State)).Exit);
        Assert.AreEqual(2, (await Run.AsyncOf("witness", "watch", bed.Log.ToString(), "--trust", trust, "--state", bed.State)).Exit);
        var watched = await Run.AsyncOf("witness", "watch", "--trust", trust, "--state", bed.State);
        Assert.AreEqual(0, watched.Exit, watched.Error);

        // Two logs side by side, each by its own key.
        await bed.StartAsync();
        var note = sample.Contents.Inclusion.CheckpointNote;
        var (status, line, _) = await bed.AskAsync(WitnessBed.Body(0, [], note));
        Assert.AreEqual(HttpStatusCode.OK, status, line);
        Assert.IsNotNull(Curve.CosignedBy(bed.Witness, note + line));
        Assert.IsTrue(SignedNote.TryVerify(note + line, sample.Trust.Origin, sample.Trust.LogKeySpki, out _));
        await CosignedAsync(bed, 0, 11);
        Assert.AreEqual($"{Servers.SampleEvidence.LogSize}\n", (await bed.AskAsync(WitnessBed.Body(0, [], note))).Body);
    }

    private static async Task CosignedAsync(WitnessBed bed, int old, int size)
    {
        var (status, line, _) = await bed.AskAsync(bed.Request(Honest, old, size));
        Assert.AreEqual(HttpStatusCode.OK, status, line);
        var note = bed.Note(Honest, size) + line;
        Assert.IsNotNull(Curve.CosignedBy(bed.Witness, note), line);
        Assert.IsTrue(SignedNote.TryVerify(note, WitnessBed.Origin, bed.Log.Key, out _), "the log's own signature still stands beside it");
        await CosignatureTests.OpensslAsync(bed.Witness, note);
    }
}
