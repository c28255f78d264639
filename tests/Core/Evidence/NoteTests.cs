using System.Diagnostics;

namespace Notary.Evidence.Tests;

[TestClass]
public sealed class NoteTests
{
    private const string Origin = "notary.example/log";

    private static readonly ECDsa Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly byte[] Spki = Key.ExportSubjectPublicKeyInfo();
    private static readonly Checkpoint Sample = new(Origin, 20_852_163, Digest.Of("root"u8));

    private static string Sign(string body)
        => SignedNote.Format(body, Origin, SignedNote.KeyId(Origin, Spki), SignedNote.FromP1363(Key.SignHash(SignedNote.SigningDigest(body).ToArray())));

    [TestMethod]
    [DataRow("text", "name", 4)]
    [DataRow("text\n", "", 4)]
    [DataRow("text\n", "a name", 4)]
    [DataRow("text\n", "a+name", 4)]
    [DataRow("text\n", "name", 3)]
    [DataRow("text\n", "name", 5)]
    public void A_note_that_nobody_could_read_is_not_written(string body, string name, int idBytes)
        => Assert.ThrowsExactly<ArgumentException>(() => SignedNote.Format(body, name, new byte[idBytes], [1]));

    [TestMethod]
    public void The_example_of_the_specification_reads_as_a_checkpoint()
    {
        const string Body = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
        var checkpoint = Checkpoint.Parse(Body);
        Assert.AreEqual("example.com/behind-the-sofa", checkpoint.Origin);
        Assert.AreEqual(20_852_163, checkpoint.Size);
        Assert.AreEqual(Body, checkpoint.ToBody());
        Assert.AreEqual("more\n", Checkpoint.Parse(Body + "more\n").Extensions);
    }

    [TestMethod]
    [DataRow("o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")]
    [DataRow("\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")]
    [DataRow("o\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")]
    [DataRow("o\n+1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")]
    [DataRow("o\n-1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")]
    [DataRow("o\n9223372036854775808\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")]
    [DataRow("o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n")]
    [DataRow("o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==\n")]
    [DataRow("o\n1\n CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")]
    [DataRow("o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\nx\n")]
    [DataRow("")]
    public void Other_spellings_of_a_checkpoint_are_refused(string body)
        => Assert.ThrowsExactly<FaultException>(() => Checkpoint.Parse(body));

    [TestMethod]
    public void A_signed_checkpoint_verifies()
    {
        Assert.IsTrue(SignedNote.TryVerify(Sign(Sample.ToBody()), Origin, Spki, out var body));
        Assert.AreEqual(Sample, Checkpoint.Parse(body));
    }

    [TestMethod]
    public void The_key_id_is_the_hash_of_the_key_alone()
        => CollectionAssert.AreEqual(SHA256.HashData(Spki)[..4], SignedNote.KeyId("any", Spki));

    [TestMethod]
    public void No_changed_byte_passes()
    {
        var note = Encoding.UTF8.GetBytes(Sign(Sample.ToBody()));
        for (var i = 0; i < note.Length; i++)
        {
            foreach (var bit in (byte[])[1, 4, 32])
            {
                var changed = (byte[])note.Clone();
                changed[i] ^= bit;
                Assert.IsFalse(SignedNote.TryVerify(Encoding.UTF8.GetString(changed), Origin, Spki, out var body), $"byte {i} bit {bit}");
                Assert.AreEqual("", body);
            }
        }
    }

    /// <summary>An INTEGER without the zero before a high bit is a negative number, which the platform's own reader takes for the positive one.</summary>
    [TestMethod]
    public void A_signature_has_one_spelling()
    {
        var (seen, body) = (0, Sample.ToBody());
        while (seen < 20)
        {
            var der = SignedNote.FromP1363(Key.SignHash(SignedNote.SigningDigest(body).ToArray()));
            byte[] rLength = [der[3]];
            var s = 4 + rLength[0];
            Assert.IsTrue(EcdsaDer.IsStrict(der));
            if (der[s + 1] != 33)
                continue;

            seen++;
            byte[] negative = [0x30, (byte)(der[1] - 1), .. der.AsSpan(2, s - 2), 0x02, 32, .. der.AsSpan(s + 3)];
            byte[] padded = [0x30, (byte)(der[1] + 1), .. der.AsSpan(2, s - 2), 0x02, 34, 0, .. der.AsSpan(s + 2)];
            byte[] longForm = [0x30, 0x81, .. der.AsSpan(1)];
            foreach (var other in (byte[][])[negative, padded, longForm, [.. der, 0], [0x30, (byte)(der[1] + 2), .. der.AsSpan(2), 5, 0], der[..^1], []])
            {
                Assert.IsFalse(EcdsaDer.IsStrict(other));
                Assert.IsFalse(SignedNote.TryVerify(SignedNote.Format(body, Origin, SignedNote.KeyId(Origin, Spki), other), Origin, Spki, out _),
                    Convert.ToHexString(other));
            }
        }
    }

    [TestMethod]
    public void Signatures_of_strangers_are_ignored_but_never_enough()
    {
        var note = Sign(Sample.ToBody());
        var stranger = "— witness.example mJirIklj" + Convert.ToBase64String(new byte[66]) + "\n";
        Assert.IsTrue(SignedNote.TryVerify(note + stranger, Origin, Spki, out _));
        Assert.IsFalse(SignedNote.TryVerify(Sample.ToBody() + "\n" + stranger, Origin, Spki, out _));

        // A second, bad signature by the known key refuses the note.
        var bad = Sign(Sample.ToBody() + "x\n");
        Assert.IsFalse(SignedNote.TryVerify(note + bad[(bad.LastIndexOf("\n\n", StringComparison.Ordinal) + 2)..], Origin, Spki, out _));
        Assert.IsFalse(SignedNote.TryVerify(note, "other.example/log", Spki, out _));
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.IsFalse(SignedNote.TryVerify(note, Origin, other.ExportSubjectPublicKeyInfo(), out _));
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Assert.IsFalse(SignedNote.TryVerify(note, Origin, p384.ExportSubjectPublicKeyInfo(), out _));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("\n\n")]
    [DataRow("a\n\n")]
    [DataRow("a\n\n— \n")]
    [DataRow("a\n\n—  AAAA\n")]
    [DataRow("a\n\n— k AAAAAA==\n")]
    [DataRow("a\n\n— k AAAAAAAA")]
    [DataRow("a\tb\n\n— k AAAAAAAA\n")]
    [DataRow("a\n\n— k AAAAAAAA\n\n", DisplayName = "a blank line at the end")]
    [DataRow("a\n— k AAAAAAAA\n", DisplayName = "no blank line")]
    [DataRow("a\n\n- k AAAAAAAA\n", DisplayName = "a hyphen for the dash")]
    [DataRow("a\n\n–– k AAAAAAAA\n", DisplayName = "other dashes")]
    [DataRow("a\n\n—k AAAAAAAA\n", DisplayName = "no space after the dash")]
    [DataRow("a\n\n— k  AAAAAAAA\n", DisplayName = "two spaces")]
    [DataRow("a\n\n— k AAAAAAAA \n", DisplayName = "a space at the end")]
    [DataRow("a\n\n— k AAAA\n", DisplayName = "no room for a key id")]
    [DataRow("a\n\n— k AAAAAA\n", DisplayName = "no padding")]
    [DataRow("a\n\n— k AAAA_AAA\n", DisplayName = "the alphabet of URLs")]
    [DataRow("a\n\n— k+1 AAAAAAAA\n", DisplayName = "a plus sign in the name")]
    [DataRow("a\n\n— k AAAAAAAA\n— k\n", DisplayName = "a second line without signature")]
    [DataRow("a\r\n\r\n— k AAAAAAAA\r\n", DisplayName = "carriage returns")]
    [DataRow("\u0000\n\n— k AAAAAAAA\n", DisplayName = "a zero character")]
    public void Other_notes_are_refused(string note)
    {
        Assert.IsTrue(NoteText.TryParse("a\n\n— k AAAAAAAA\n", out _), "all of them but for one thing");
        Assert.IsFalse(NoteText.TryParse(note, out _));
        Assert.IsFalse(SignedNote.TryVerify(note, "k", Spki, out _));
    }

    [TestMethod]
    public void Openssl_verifies_what_the_log_signed()
    {
        var folder = Directory.CreateTempSubdirectory("note-");
        try
        {
            var note = Sign(Sample.ToBody());
            var signature = Convert.FromBase64String(note[(note.LastIndexOf(' ') + 1)..].TrimEnd())[4..];
            File.WriteAllText(Path.Combine(folder.FullName, "body"), Sample.ToBody());
            File.WriteAllBytes(Path.Combine(folder.FullName, "signature"), signature);
            File.WriteAllText(Path.Combine(folder.FullName, "key.pem"), Key.ExportSubjectPublicKeyInfoPem());
            using var openssl = Process.Start(new ProcessStartInfo("openssl", "dgst -sha256 -verify key.pem -signature signature body")
            {
                WorkingDirectory = folder.FullName,
                RedirectStandardOutput = true,
            })!;
            StringAssert.Contains(openssl.StandardOutput.ReadToEnd(), "Verified OK");
        }
        finally
        {
            folder.Delete(true);
        }
    }

    [TestMethod]
    public void Proofs_read_back_and_refuse_every_other_spelling()
    {
        var proof = new TlogProof(73_894, [Digest.Of("a"u8), Digest.Of("b"u8)], Sign(Sample.ToBody()), [1, 2, 3]);
        var text = proof.ToText();
        Assert.AreEqual(text, TlogProof.Parse(text).ToText());
        Assert.AreEqual(0, TlogProof.Parse(new TlogProof(0, [], "n\n", null).ToText()).Path.Count);
        foreach (var bad in (string[])[
            text.Replace("@v1", "@v2", StringComparison.Ordinal),
            text.Replace("index 7", "index 07", StringComparison.Ordinal),
            text.Replace("index ", "Index ", StringComparison.Ordinal),
            text.Replace("extra AQID", "extra AQIE\n", StringComparison.Ordinal),
            text.Replace("\n", "\r\n", StringComparison.Ordinal),
            text.Replace("=\n", "\n", StringComparison.Ordinal),
            "", "c2sp.org/tlog-proof@v1\n\n"])
        {
            Assert.ThrowsExactly<FaultException>(() => TlogProof.Parse(bad), bad);
        }
    }

    [TestMethod]
    public void Parsers_of_texts_answer_garbage_with_a_fault()
        => Prop.ForAll(ArbMap.Default.ArbFor<FsCheck.NonNull<string>>(),
            Gen.Elements("", "o\n1\n", "c2sp.org/tlog-proof@v1\nindex 1\n", "a\n\n— k ").ToArbitrary(), (text, prefix) =>
        {
            Refuses(() => Checkpoint.Parse(prefix + text.Get));
            Refuses(() => TlogProof.Parse(prefix + text.Get));
            Assert.IsFalse(SignedNote.TryVerify(prefix + text.Get, "k", Spki, out _));
            _ = Tiles.TryParsePath("tile/" + text.Get, out _);
        }).QuickCheckThrowOnFailure();

    private static void Refuses(Action parse)
    {
        try
        {
            parse();
        }
        catch (FaultException e)
        {
            Assert.AreEqual(Fault.Malformed, e.Fault);
        }
    }
}
