using FsCheck;
using FsCheck.Fluent;
using static Notary.Verification.Tests.ZipForge;

namespace Notary.Verification.Tests;

/// <summary>The container's layout, for members of any name and content: what is laid out is read, and nothing else is.</summary>
[TestClass]
public sealed class ZipPropertyTests
{
    private static readonly Arbitrary<(string Name, byte[] Data)[]> Members = Gen.Elements("a", "b", "/", ".", "-", "PK", "0")
        .NonEmptyListOf().Select(string.Concat)
        .Zip(Gen.Elements<byte>(0, (byte)'P', (byte)'K', 1, 2, 255).ListOf())
        .NonEmptyListOf()
        .Select(list => list.Take(BundleMembers.MaxMembers).Select(m => (m.Item1, m.Item2.ToArray())).ToArray())
        .ToArbitrary();

    [TestMethod]
    public void What_is_laid_out_is_read_where_it_lies()
        => Prop.ForAll(Members, laid =>
        {
            var zip = Lay(laid);
            var read = ZipDirectory.Read(new MemoryStream(zip), out _);
            Assert.IsNotNull(read);
            CollectionAssert.AreEqual(laid.Select(m => m.Name).ToArray(), read.Select(m => m.Name).ToArray());
            for (var i = 0; i < laid.Length; i++)
                CollectionAssert.AreEqual(laid[i].Data, zip[(int)read[i].DataOffset..(int)(read[i].DataOffset + read[i].Size)]);
        }).QuickCheckThrowOnFailure();

    /// <summary>A change in a member's data is the checksum's business; the directory's reader must see every other.</summary>
    [TestMethod]
    public void No_byte_of_the_structure_changes_unseen()
        => Prop.ForAll(Members, Gen.Choose(1, 255).ToArbitrary(), (laid, flip) =>
        {
            var zip = Lay(laid);
            var members = ZipDirectory.Read(new MemoryStream(zip), out _)!;
            for (var at = 0; at < zip.Length; at++)
            {
                zip[at] ^= (byte)flip;
                var read = ZipDirectory.Read(new MemoryStream(zip), out _);
                zip[at] ^= (byte)flip;
                if (members.Any(m => at >= m.DataOffset && at < m.DataOffset + m.Size))
                    Assert.IsTrue(read!.SequenceEqual(members), $"byte {at} is data");
                else
                    Assert.IsNull(read, $"byte {at} ^ {flip}");
            }
        }).QuickCheckThrowOnFailure();

    [TestMethod]
    public void No_part_of_a_bundle_is_one_and_nothing_may_follow_it()
        => Prop.ForAll(Members, Gen.Choose(0, 255).ToArbitrary(), (laid, more) =>
        {
            var zip = Lay(laid);
            for (var length = 0; length < zip.Length; length++)
                Assert.IsNull(ZipDirectory.Read(new MemoryStream(zip, 0, length), out _), $"the first {length} of {zip.Length} bytes");

            Assert.IsNull(ZipDirectory.Read(new MemoryStream([.. zip, (byte)more]), out _), "a byte more");
        }).QuickCheckThrowOnFailure();
}
