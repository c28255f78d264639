using Notary.Letters;
using Notary.Letters.Pictures;
using Notary.Verification;
using Notary.Verification.Forensics;
using Notary.Verification.Letters;
using Notary.Verification.Recordings;

namespace Notary.Forensics;

/// <summary>Issues remote forensics letters (远程取证存证函): read from the deposited package, signed and archived as letters are, and judged as a stranger would
/// before anybody gets one.</summary>
/// <param name="storage">Keeps them.</param>
/// <param name="signer">Of letters.</param>
/// <param name="archiving">Of letters.</param>
/// <param name="trust">The office's own trust roots, as published.</param>
/// <param name="parties">Who stands behind them.</param>
/// <param name="publicUrl">The platform's address.</param>
/// <param name="clock">Our clock.</param>
public sealed class SessionLetters(
    StorageAccount storage, LetterSigner signer, LetterArchiving archiving, TrustRoots trust, LetterParties parties, Uri publicUrl, TimeProvider clock)
{
    private readonly LetterVerifier verifier = new(trust.LetterRoots, trust.Authorities, trust.Issuer);

    /// <summary>Makes the letter and puts it where it stays. A letter that is there is left as it is.</summary>
    /// <param name="row">The session.</param>
    /// <param name="deposit">Of its package.</param>
    /// <param name="index">Of that deposit in the log.</param>
    /// <param name="open">Opens the package as it is kept.</param>
    /// <param name="where">The desktop was.</param>
    /// <param name="cancel">Stops.</param>
    /// <returns>False: the package is not kept any more, or not as it was deposited.</returns>
    /// <exception cref="FaultException">Vault or authorities cannot be had; EvidenceInvalid: what was made is not what a verifier accepts.</exception>
    internal async Task<bool> IssueAsync(
        SessionRow row, DepositView deposit, long index, Func<CancellationToken, Task<Stream>> open, string where, CancellationToken cancel)
    {
        var blob = storage.Container(Names.Letters).GetBlobClient(Names.RecordingLetterBlob(row.SessionId));
        if (await blob.ExistsAsync(cancel).ConfigureAwait(false))
            return true;

        if (await CopyAsync(open, deposit.Items[0].Sha256, cancel).ConfigureAwait(false) is not { } copy)
            return false;

        var (facts, pictures) = await Task.Run(() => Read(row, deposit, index, copy, where, cancel), cancel).ConfigureAwait(false);
        var signed = await signer.SignAsync(LetterRenderer.Render(facts, pictures), cancel).ConfigureAwait(false);
        var archived = await archiving.ArchiveRecordingAsync(signed, cancel).ConfigureAwait(false);
        if (verifier.CheckRecording(archived, out _) is { Ok: false } check)
            throw new FaultException(Fault.EvidenceInvalid, check.Reason);

        try
        {
            await blob.UploadAsync(BinaryData.FromBytes(archived), new BlobUploadOptions
            {
                Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All },
                HttpHeaders = new BlobHttpHeaders { ContentType = "application/pdf" },
            }, cancel).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412)
        {
            // Another was first, or this one was and the answer was lost: the one that is there counts.
        }

        return true;
    }

    /// <exception cref="FaultException">EvidenceInvalid: it is gone.</exception>
    internal async Task<byte[]> ReadAsync(DepositId session, CancellationToken cancel)
    {
        try
        {
            return (await storage.Container(Names.Letters).GetBlobClient(Names.RecordingLetterBlob(session)).DownloadContentAsync(cancel)
                .ConfigureAwait(false)).Value.Content.ToArray();
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            throw new FaultException(Fault.EvidenceInvalid, "the letter of a session is gone", e);
        }
    }

    /// <summary>The package, where it can be read back and forth; the file goes when it is closed. Null: it is gone, or another.</summary>
    private static async Task<Stream?> CopyAsync(Func<CancellationToken, Task<Stream>> open, Digest deposited, CancellationToken cancel)
    {
        var copy = new FileStream(Path.Combine(Path.GetTempPath(), $"notary-{Guid.NewGuid():N}.zip"), new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous,
        });
        try
        {
            await using (var package = await open(cancel).ConfigureAwait(false))
                await package.CopyToAsync(copy, cancel).ConfigureAwait(false);

            copy.Position = 0;
            if (new Digest(await SHA256.HashDataAsync(copy, cancel).ConfigureAwait(false)) == deposited)
            {
                copy.Position = 0;
                return copy;
            }
        }
        catch (FaultException e) when (e.Fault is Fault.NotFound or Fault.EvidenceInvalid)
        {
            // Nothing that is tried again brings it back.
        }
        catch
        {
            await copy.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        await copy.DisposeAsync().ConfigureAwait(false);
        return null;
    }

    private (RecordingFacts Facts, Dictionary<Digest, LetterPicture> Pictures) Read(
        SessionRow row, DepositView deposit, long index, Stream copy, string where, CancellationToken cancel)
    {
        using var package = new RecordingPackage(copy);
        using var judge = new ForensicsVerifier(trust);
        var summary = RecordingSummary.Of(package, judge.Verify(package, null, cancel), trust);
        var (shown, pictures) = (new Dictionary<Digest, Digest>(), new Dictionary<Digest, LetterPicture>());
        foreach (var (digest, bytes) in RecordingSummary.PicturesOf(package, LetterPicture.MaxSource))
        {
            if (!shown.ContainsKey(digest) && LetterPicture.Of(bytes) is { } picture)
                (shown[digest], pictures[picture.Digest]) = (picture.Digest, picture);
        }

        var now = DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
        var (manifest, first) = (Digest.Parse(deposit.ManifestDigest), deposit.Items[0]);
        return (new RecordingFacts(
            RecordingFacts.NumberOf(now, parties.ShortName, index), trust.Issuer!.Office, parties,
            new RecordingDeposit(row.Did, row.Name, DepositId.Parse(deposit.Id), manifest, index, first.Size ?? 0, first.Sha256,
                row.Page, row.Label, where) { Test = deposit.Test == true },
            summary.With(shown), new Uri(publicUrl, LetterFacts.VerifyPath(manifest, index)), now), pictures);
    }
}
