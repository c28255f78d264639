namespace Notary.Letters;

/// <summary>Makes signed letters last: PAdES B-LTA (EN 319 142-1) by an incremental update that a document time-stamp closes.</summary>
public static class LetterArchivist
{
    /// <summary>The letter with its archive.</summary>
    /// <param name="signed">As <see cref="LetterSigner.SignAsync"/> gave it.</param>
    /// <param name="archive">What goes in: every list verified.</param>
    /// <param name="stamp">Gives a verified, bare time-stamp token over a SHA-256 imprint: best by another authority than the one that stamped the
    /// signature, so that the compromise of one leaves the other's word.</param>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>: not a signed letter of one revision. <see cref="Fault.TokenInvalid"/>: the token
    /// is too large.</exception>
    public static async Task<byte[]> ArchiveAsync(
        byte[] signed, LetterArchive archive, Func<Digest, CancellationToken, Task<byte[]>> stamp, CancellationToken cancel = default)
    {
        var (file, slot) = archive.Append(signed);
        var token = await stamp(slot.Digest(file), cancel).ConfigureAwait(false);
        return slot.Fill(file, token);
    }
}
