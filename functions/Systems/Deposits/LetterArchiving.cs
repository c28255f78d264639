using Notary.Letters;
using Notary.Verification.Letters;

namespace Notary.Deposits;

/// <summary>Gives a signed letter what it needs to outlast its certificates: revocation lists, and a second authority's word over all of it.</summary>
/// <param name="letters">Judges letters as a stranger does.</param>
public sealed class LetterArchiving(LetterVerifier letters, RevocationSource revocations, TimeAuthorities authorities)
{
    /// <param name="signed">A letter of one revision.</param>
    /// <param name="tokens">The deposit's tokens, by digest, each with its signer's chain.</param>
    /// <exception cref="FaultException">No list or no time-stamp can be had, or the signer or the authority is revoked.</exception>
    internal Task<byte[]> ArchiveAsync(byte[] signed, IReadOnlyList<(Digest Token, IReadOnlyList<ChainLink> Chain)> tokens, CancellationToken cancel)
        => ArchiveAsync(signed, letters.Check(signed), tokens, cancel);

    /// <summary>The same of a draw's certificate, which has no tokens but its own.</summary>
    /// <exception cref="FaultException">Likewise.</exception>
    public Task<byte[]> ArchiveCertificateAsync(byte[] signed, CancellationToken cancel)
        => ArchiveAsync(signed, letters.CheckCertificate(signed, out _), [], cancel);

    /// <summary>The same of a remote forensics letter.</summary>
    /// <exception cref="FaultException">Likewise.</exception>
    public Task<byte[]> ArchiveRecordingAsync(byte[] signed, CancellationToken cancel)
        => ArchiveAsync(signed, letters.CheckRecording(signed, out _), [], cancel);

    private async Task<byte[]> ArchiveAsync(
        byte[] signed, LetterCheck check, IReadOnlyList<(Digest Token, IReadOnlyList<ChainLink> Chain)> tokens, CancellationToken cancel)
    {
        // 1. Who signed and who stamped, as a verifier sees it.
        if (!check.Ok)
            throw new FaultException(Fault.EvidenceInvalid, check.Reason);

        // 2. What is known of them, and of the authorities of all tokens.
        var chains = tokens.SelectMany(t => t.Chain).ToList();
        var lists = await revocations.CollectAsync(check.Links, chains, cancel).ConfigureAwait(false);
        var certificates = chains.Concat(check.Links)
            .SelectMany(link => new[] { (link.CertificateDigest, link.Certificate), (link.IssuerDigest, link.Issuer) })
            .DistinctBy(c => c.Item1).Select(c => c.Item2);

        // 3. By another authority than the signature's: what one of them loses, the other still proves.
        var archive = new LetterArchive([.. certificates], lists, [.. tokens.Select(t => t.Token)]);
        return await LetterArchivist.ArchiveAsync(signed, archive,
            async (imprint, token) => (await authorities.StampOneAsync(imprint, token, but: check.Authority).ConfigureAwait(false)).Token,
                cancel).ConfigureAwait(false);
    }
}
