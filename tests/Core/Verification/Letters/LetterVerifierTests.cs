namespace Notary.Verification.Tests.Letters;

[TestClass]
public sealed class LetterVerifierTests
{
    [TestMethod]
    public void The_kept_letter_is_good()
    {
        var check = LetterVector.Check();
        Assert.IsTrue(check.Ok, check.Reason);
        Assert.AreEqual(LetterCodes.Ok, check.Code);
        Assert.AreEqual("tsa", check.Authority);
        StringAssert.Contains(check.Signer, "CN=Letter signer");
        Assert.IsNotNull(check.SignedAt);
    }

    [TestMethod]
    public void A_file_that_is_no_letter_gets_a_verdict()
    {
        byte[][] files = [[], [0], "%PDF-1.7\n"u8.ToArray(), "%PDF-1.7\n\n%%EOF\n"u8.ToArray(), new byte[1 << 16], new byte[(16 << 20) + 1]];
        foreach (var file in files)
            Assert.AreEqual(LetterCodes.Malformed, LetterVector.Verifier.Check(file).Code);
    }

    [TestMethod]
    [DataRow("%PDF-1.7\n%1\n\nstartxref\n0\n%%EOF\n")]
    [DataRow("%PDF-1.7\n\nstartxref\n99999999999\n%%EOF\n")]
    [DataRow("%PDF-1.7\nxref\n0 9999999999\ntrailer\n\nstartxref\n9\n%%EOF\n")]
    [DataRow("%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer\n<< >>\nstartxref\n9\n%%EOF\n")]
    [DataRow("%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer\n<< /Root 1 0 R >>\nstartxref\n9\n%%EOF\n")]
    [DataRow("%PDF-1.7\nxref\n0 2\n0000000000 65535 f \n0000000009 00000 n \ntrailer\n<< /Root 1 0 R >>\nstartxref\n9\n%%EOF\n")]
    [DataRow("%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer\n<< /Root << /Root << /A [[[[[[[[[[[[[[[[[[[[[[[[[[[\nstartxref\n9\n%%EOF\n")]
    [DataRow("%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer\n<< /A 1 /A 2 >>\nstartxref\n9\n%%EOF\n")]
    [DataRow("%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer\n<< /Prev 9 >>\nstartxref\n9\n%%EOF\n")]
    public void Broken_structures_get_a_verdict(string file)
        => Assert.AreEqual(LetterCodes.Malformed, LetterVector.Verifier.Check(Encoding.Latin1.GetBytes(file)).Code);

    [TestMethod]
    public void Random_damage_is_always_found_and_never_throws()
    {
        var random = new Random(5);
        for (var i = 0; i < 3000; i++)
        {
            var file = (byte[])LetterVector.Pdf.Clone();
            for (var edits = random.Next(1, 5); edits > 0; edits--)
            {
                // Half of the damage goes where structure is: the last tenth of the file, with the table and the trailer.
                var at = random.Next(2) == 0 ? random.Next(file.Length) : file.Length - 1 - random.Next(file.Length / 10);
                file[at] = (byte)(file[at] + random.Next(1, 256));
            }

            Assert.IsFalse(LetterVector.Verifier.Check(file).Ok);
            Assert.IsFalse(LetterVector.Verifier.Check(file.AsMemory(0, random.Next(file.Length))).Ok);
        }
    }

    [TestMethod]
    public void Moved_tokens_of_the_structure_never_throw()
    {
        // Damage that keeps the syntax alive: numbers, names and brackets of the structure swapped with each other.
        var random = new Random(6);
        var interesting = "0123456789/<>[]() R\nobj"u8.ToArray();
        var places = Enumerable.Range(0, LetterVector.Pdf.Length).Where(i => interesting.Contains(LetterVector.Pdf[i])).ToArray();
        for (var i = 0; i < 3000; i++)
        {
            var file = (byte[])LetterVector.Pdf.Clone();
            var at = places[random.Next(places.Length)];
            var value = interesting[random.Next(interesting.Length)];
            if (file[at] != value)
            {
                file[at] = value;
                Assert.IsFalse(LetterVector.Verifier.Check(file).Ok);
            }
        }
    }

    [TestMethod]
    public void A_signature_of_another_form_is_refused()
    {
        var slot = SignatureSlot.Find(LetterVector.Pdf);
        var der = slot.Read(LetterVector.Pdf);
        var cms = LetterCms.Parse(der);
        CollectionAssert.AreEqual(der, cms.Encode());

        // Same signature, same certificates, one more certificate twice over; a time-stamp left out; another document digest.
        var empty = (byte[])LetterVector.Pdf.Clone();
        empty.AsSpan(slot.Start + 1, slot.End - slot.Start - 2).Fill((byte)'0');
        Assert.AreEqual(LetterCodes.Unsigned, LetterVector.Verifier.Check(empty).Code);
        Assert.AreEqual(LetterCodes.Untrusted, Code(cms with { Certificates = [.. cms.Certificates, LetterVector.Authority.Roots[0].RawData] }));
        Assert.AreEqual(LetterCodes.Malformed, Code(cms with { TimeStamp = default }));
        Assert.AreEqual(LetterCodes.Digest, Code(cms with { Document = Digest.Of([]) }));
        Assert.AreEqual(LetterCodes.Certificate, Code(cms with { SignerCertificate = Digest.Of([]) }));
        Assert.AreEqual(LetterCodes.Certificate, Code(cms with { Certificates = [LetterVector.LetterRoot.RawData] }));
        Assert.AreEqual(LetterCodes.Certificate, Code(cms with { Serial = new byte[] { 2, 1, 5 } }));
        Assert.AreEqual(LetterCodes.TimeStamp, Code(cms with { Signature = cms.TimeStamp }), "the time-stamp is over the signature");
        Assert.AreEqual(LetterCodes.Ok, Code(cms));

        string Code(LetterCms other) => LetterVector.Verifier.Check(slot.Fill(empty, other.Encode())).Code;
    }

    [TestMethod]
    public void Broken_CMS_is_refused_and_nothing_else_happens()
    {
        var der = SignatureSlot.Find(LetterVector.Pdf).Read(LetterVector.Pdf);
        var random = new Random(8);
        for (var i = 0; i < 5000; i++)
        {
            var broken = (byte[])der.Clone();
            broken[random.Next(broken.Length)] = (byte)random.Next(256);
            try
            {
                CollectionAssert.AreEqual(broken, LetterCms.Parse(broken).Encode());
            }
            catch (FaultException fault) when (fault.Fault == Fault.Malformed)
            {
            }
        }
    }
}
