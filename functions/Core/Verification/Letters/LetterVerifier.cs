using Notary.Verification.Certificates;
using Notary.Verification.Recordings;

namespace Notary.Verification.Letters;

/// <summary>Judges signed storage letters from bytes and trust roots alone. Safe on several threads; make one and keep it.</summary>
/// <remarks>
/// Checks, in this order: the file is one PDF revision with one signature that covers all but itself, and at most one archive
/// after it; the CMS is exactly of a letter's form; the digest; the signing-certificate attribute; the signature-time-stamp over the signature's value, by
/// one of the given authorities; the signer's chain to the letter roots at the time stamped; what his certificate is for;
/// his name, when it is known; the signature; the attached facts; that the pages show these facts and no others; the archive's
/// document time-stamp; revocation, by the lists that the letter carries and the reader gives. Not checked: whether the facts
/// are those of the evidence, which is the ladder's part.
/// </remarks>
public sealed class LetterVerifier
{
    private readonly CarriedChain letters;
    private readonly LetterIssuer? issuer;
    private readonly (string Name, TokenVerifier Verifier, CarriedChain Chain)[] authorities;

    // Which authority was right last, for letters and for archives: the others need not be asked first for every letter of a batch.
    private readonly int[] last = new int[2];

    /// <param name="letterRoots">Self-signed certificates that a letter signer's chain may end in.</param>
    /// <param name="authorities">Those whose time-stamps count.</param>
    /// <param name="issuer">Who signs letters; null when nothing but the roots is known.</param>
    public LetterVerifier(IReadOnlyList<X509Certificate2> letterRoots, IReadOnlyList<TrustedAuthority> authorities, LetterIssuer? issuer = null)
    {
        this.issuer = issuer;
        letters = new CarriedChain(letterRoots);
        this.authorities = [.. authorities.Select(a => (a.Name, new TokenVerifier(a.Roots, a.PolicyOid), new CarriedChain(a.Roots)))];
    }

    /// <summary>One letter, for callers that have only one.</summary>
    public static LetterCheck Check(ReadOnlyMemory<byte> pdf, IReadOnlyList<X509Certificate2> letterRoots, IReadOnlyList<TrustedAuthority> authorities)
        => new LetterVerifier(letterRoots, authorities).Check(pdf);

    /// <summary>Judges a letter.</summary>
    /// <param name="pdf">Any bytes whatever; the answer is always a verdict, never an exception.</param>
    /// <param name="lists">The reader's own revocation lists, DER.</param>
    public LetterCheck Check(ReadOnlyMemory<byte> pdf, params IReadOnlyList<ReadOnlyMemory<byte>> lists) => Check(pdf, new Revocations(lists));

    /// <param name="pdf">Likewise.</param>
    /// <param name="revocations">The lists at hand; the letter's are added.</param>
    internal LetterCheck Check(ReadOnlyMemory<byte> pdf, Revocations revocations)
    {
        LetterFacts? facts = null;
        var check = Check(pdf, revocations, letter =>
        {
            var (text, beside) = PageText.Read(letter);
            return PageCheck.Differing(facts = LetterFacts.Parse(letter.Facts), text, beside);
        });
        return check.Ok ? check with { Facts = facts } : check;
    }

    /// <summary>Judges a draw's certificate, which is signed and archived as letters are. Its facts are <paramref name="facts"/>;
    /// the check's are null.</summary>
    /// <param name="pdf">Likewise.</param>
    /// <param name="facts">What it states; null unless all is well.</param>
    /// <param name="lists">The reader's own revocation lists, DER.</param>
    public LetterCheck CheckCertificate(ReadOnlyMemory<byte> pdf, out CertificateFacts? facts, params IReadOnlyList<ReadOnlyMemory<byte>> lists)
    {
        CertificateFacts? found = null;
        var check = Check(pdf, new Revocations(lists), letter =>
        {
            var (lines, pages) = PageText.ReadLines(letter);
            return CertificateText.Differing(found = CertificateFacts.Parse(letter.Facts), lines, pages);
        });
        facts = check.Ok ? found : null;
        return check;
    }

    /// <summary>Judges a remote forensics letter, which is signed and archived as letters are. Its facts are <paramref name="facts"/>; the check's are
    /// null.</summary>
    /// <param name="pdf">Likewise.</param>
    /// <param name="facts">What it states; null unless all is well.</param>
    /// <param name="lists">The reader's own revocation lists, DER.</param>
    public LetterCheck CheckRecording(ReadOnlyMemory<byte> pdf, out RecordingFacts? facts, params IReadOnlyList<ReadOnlyMemory<byte>> lists)
    {
        RecordingFacts? found = null;
        var check = Check(pdf, new Revocations(lists), letter =>
        {
            var (lines, pages, pictures) = PageText.ReadAll(letter);
            return RecordingText.Differing(found = RecordingFacts.Parse(letter.Facts), lines, pages, pictures);
        });
        facts = check.Ok ? found : null;
        return check;
    }

    private LetterCheck Check(ReadOnlyMemory<byte> pdf, Revocations revocations, Func<LetterPdf, string?> differing)
    {
        try
        {
            return Judge(pdf, revocations, differing);
        }
        catch (FaultException fault)
        {
            return LetterCheck.Fail(LetterCodes.Malformed, fault.Message);
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException or ArgumentException or BadTokenException)
        {
            return LetterCheck.Fail(LetterCodes.Malformed, "the letter's signature holds a value that cannot be read");
        }
    }

    private LetterCheck Judge(ReadOnlyMemory<byte> pdf, Revocations revocations, Func<LetterPdf, string?> differing)
    {
        var letter = LetterPdf.Open(pdf);

        // Lists are their issuers' word: whatever else is wrong with the letter, they count for the tokens.
        revocations.Add(letter.Archive?.Lists ?? []);
        var signed = letter.Signed.Span;
        if (letter.Slot.IsEmpty(signed))
            return LetterCheck.Fail(LetterCodes.Unsigned, "the letter is not signed");

        var cms = LetterCms.Parse(letter.Slot.Read(signed));
        if (cms.Document != letter.Slot.Digest(signed))
            return LetterCheck.Fail(LetterCodes.Digest, "the letter was changed after it was signed");

        if (FindSigner(cms) is not { } signer)
            return LetterCheck.Fail(LetterCodes.Certificate, "the letter does not carry the certificate that its signature names");

        var stamp = CheckStamp(cms.TimeStamp, Digest.Of(cms.Signature.Span), 0, out var authority);
        if (!stamp.Ok)
            return LetterCheck.Fail(LetterCodes.TimeStamp, $"the signature's time-stamp does not hold: {stamp.Reason}");

        var carried = cms.Certificates.Select(c => (ReadOnlyMemory<byte>)c).ToList();
        if (letters.Find(signer, carried, stamp.GenTime!.Value, out var why) is not { } chain)
            return LetterCheck.Fail(LetterCodes.Untrusted, why);

        if (!chain.MaySignLetters)
            return LetterCheck.Fail(LetterCodes.Certificate, "the signer's certificate is not for signing letters");

        if (issuer is not null && !issuer.Is(chain.Names))
            return LetterCheck.Fail(LetterCodes.SignerUnknown, "the letter is signed by somebody else than the office's signer, whom the trust file names");

        if (!chain.Verify(SHA256.HashData(cms.SignedAttributes()), cms.Signature.Span))
            return LetterCheck.Fail(LetterCodes.Signature, "the signature is not the signer's over this letter");

        if (differing(letter) is { } what)
            return LetterCheck.Fail(LetterCodes.Pages, $"the pages do not show the attached facts: {what}");

        var check = new LetterCheck(true, LetterCodes.Ok, "the letter is signed and unchanged", null, stamp.GenTime, chain.Subject, authority)
        {
            Archive = letter.Archive,
            Links = [.. chain.Links, .. stamp.Links],
            LongLife = "PAdES B-T, not archived",
        };
        if (letter.Archive is not null)
            check = JudgeArchive(check, letter, pdf, revocations);

        return check.Ok ? JudgeRevocation(check, chain.Links, stamp.Links, revocations) : check;
    }

    private LetterCheck JudgeArchive(LetterCheck check, LetterPdf letter, ReadOnlyMemory<byte> pdf, Revocations revocations)
    {
        if (letter.ArchiveSlot.IsEmpty(pdf.Span))
            return LetterCheck.Fail(LetterCodes.Archive, "the letter has room for a document time-stamp and none in it");

        var stamp = CheckStamp(letter.ArchiveSlot.Read(pdf.Span), letter.ArchiveSlot.Digest(pdf.Span), 1, out var authority);
        if (!stamp.Ok)
            return LetterCheck.Fail(LetterCodes.Archive, $"the document time-stamp does not hold: {stamp.Reason}");

        if (stamp.GenTime + StatusRung.MaxSkew < check.SignedAt)
            return LetterCheck.Fail(LetterCodes.Archive, "the document time-stamp is older than the letter's signature");

        // Whose time-stamp does not count any more has archived nothing; the letter is then what it was before.
        var standing = revocations.Judge(stamp.Links, stamp.GenTime!.Value, null);
        return check with
        {
            ArchivedAt = standing.Ok ? stamp.GenTime : null,
            Links = [.. check.Links, .. stamp.Links],
            LongLife = $"PAdES B-LTA, archived {Text(stamp.GenTime)} by {authority} ({standing.Sentence})"
                + (standing.Ok ? "" : ", which therefore does not count"),
        };
    }

    /// <summary>The signature's time-stamp shows that the signature is older than what came after; that one itself has only the archive's for it.</summary>
    private static LetterCheck JudgeRevocation(
        LetterCheck check, IReadOnlyList<ChainLink> signer, IReadOnlyList<ChainLink> stamper, Revocations revocations)
    {
        var stamp = revocations.Judge(stamper, check.SignedAt!.Value, check.ArchivedAt);
        var who = revocations.Judge(signer, check.SignedAt.Value, check.SignedAt);
        return !stamp.Ok ? LetterCheck.Fail(LetterCodes.Revoked, $"the authority that stamped its signature: {stamp.Sentence}")
            : !who.Ok ? LetterCheck.Fail(LetterCodes.Revoked, $"its signer: {who.Sentence}")
            : check with { LongLife = $"{check.LongLife}; signer: {who.Sentence}; {check.Authority}: {stamp.Sentence}" };
    }

    private static string Text(DateTimeOffset? time) => time!.Value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static ReadOnlyMemory<byte>? FindSigner(LetterCms cms)
    {
        foreach (var certificate in cms.Certificates)
        {
            // signing-certificate-v2 says which certificate is meant (RFC 5035); issuer and serial must say the same.
            if (Digest.Of(certificate) == cms.SignerCertificate)
            {
                var (issuer, serial) = SignerId.IssuerAndSerial(certificate);
                var named = new AsnReader(cms.Serial, AsnEncodingRules.DER).ReadIntegerBytes();
                if (issuer.Span.SequenceEqual(cms.Issuer.Span) && serial.Span.SequenceEqual(named.Span))
                    return certificate;
            }
        }

        return null;
    }

    private TokenCheck CheckStamp(ReadOnlyMemory<byte> token, Digest imprint, int kind, out string authority)
    {
        var result = TokenCheck.Fail(TokenCodes.Untrusted, "no authority is trusted for time");
        var first = Volatile.Read(ref last[kind]); // read once: another thread's letter may be another authority's
        for (var i = 0; i < authorities.Length; i++)
        {
            var turn = (first + i) % authorities.Length;
            var (name, verifier, chain) = authorities[turn];
            var check = verifier.Check(token, imprint);
            if (check.Ok && TokenForm.Refuse(token, chain, check.GenTime!.Value) is { } why)
                check = TokenCheck.Fail(TokenCodes.Malformed, why);

            if (check.Ok)
            {
                Volatile.Write(ref last[kind], turn);
                authority = name;
                return check;
            }

            // Of several reasons the most telling is that of the authority whose token it is.
            result = result.Code == TokenCodes.Untrusted ? check : result;
        }

        authority = "";
        return result;
    }
}
