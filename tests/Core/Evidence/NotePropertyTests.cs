using FsCheck;

namespace Notary.Evidence.Tests;

/// <summary>The texts that strangers' tools read: any content, one spelling.</summary>
[TestClass]
public sealed class NotePropertyTests
{
    private static readonly Arbitrary<Checkpoint> Checkpoints = Words
        .SelectMany(origin => Gen.Choose(0, int.MaxValue)
            .SelectMany(size => Words.Select(root => new Checkpoint(origin, ((long)size << 32) + size, Digest.Of(Encoding.UTF8.GetBytes(root))))))
        .ToArbitrary();

    private static Gen<string> Words => Gen.Elements('a', 'é', '证', '.', '/', '-', '—', '0').NonEmptyListOf().Select(string.Concat);

    [TestMethod]
    public void A_checkpoint_of_any_origin_and_size_reads_back()
        => Prop.ForAll(Checkpoints, c =>
        {
            Assert.AreEqual(c, Checkpoint.Parse(c.ToBody()));
            Assert.AreEqual(c.ToBody(), Checkpoint.Parse(c.ToBody()).ToBody());
        }).QuickCheckThrowOnFailure();

    [TestMethod]
    public void A_notes_lines_read_back_as_they_were_written()
        => Prop.ForAll(Checkpoints, Words.ToArbitrary(), Gen.Choose(0, 255).Select(i => (byte)i).NonEmptyListOf().ToArbitrary(), (c, name, bytes) =>
        {
            byte[] id = [1, 2, 3, 4], signature = [.. bytes];
            Assert.IsTrue(NoteText.TryParse(SignedNote.Format(c.ToBody(), name, id, signature), out var note));
            Assert.AreEqual(c.ToBody(), note.Body);
            var line = note.Signatures.Single();
            Assert.AreEqual(name, line.KeyName);
            CollectionAssert.AreEqual(id, line.KeyId);
            CollectionAssert.AreEqual(signature, line.Signature);
        }).QuickCheckThrowOnFailure();

    [TestMethod]
    public void A_proof_of_any_length_reads_back()
        => Prop.ForAll(Checkpoints, Gen.Choose(0, Merkle.MaxProof).ToArbitrary(), ArbMap.Default.ArbFor<byte[]?>(), (c, length, extra) =>
        {
            var proof = new TlogProof(c.Size, MerkleTests.Some(length), SignedNote.Format(c.ToBody(), c.Origin, [1, 2, 3, 4], [5]), extra);
            var read = TlogProof.Parse(proof.ToText());
            Assert.AreEqual(proof.Index, read.Index);
            Assert.AreEqual(proof.CheckpointNote, read.CheckpointNote);
            Assert.IsTrue(proof.Path.SequenceEqual(read.Path));
            CollectionAssert.AreEqual(proof.Extra, read.Extra);
        }).QuickCheckThrowOnFailure();
}
