using System.Diagnostics;
using Azure;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Logging;
using Notary.Evidence;
using Notary.Letters;
using Notary.Processes;
using Notary.Storage;
using Notary.Timestamping;
using Notary.Verification;

namespace Notary.Deposits;

/// <summary>
/// The way of one deposit to its letter.
///  1. stamp: every authority's token over the manifest.
///  2. issue: once a final anchor covers it, verify everything, then render and sign; the whole bundle is judged as a stranger would before the row names the letter.
///  3. settle: while a reorganisation can still move the anchor, watch; a letter that names a lost block is issued anew.
/// </summary>
public sealed class CertificateProcess(
    StorageAccount storage,
    TimeAuthorities authorities,
    EvidenceFiles files,
    LetterSigner signer,
    BundleVerifier verifier,
    DepositsSettings settings,
    TimeProvider clock,
    ILogger<CertificateProcess> logger) : IProcessKind
{
    /// <summary>The kind's name.</summary>
    public const string Name = "certificate";

    private readonly DepositTable deposits = new(storage);
    private readonly CheckpointTable checkpoints = new(storage);

    public string Kind => Name;

    public async Task<StepResult> StepAsync(ProcessRecord process, CancellationToken cancel)
    {
        // The request's own id, so that one search of the logs follows a deposit from its request to its letter.
        using var scope = logger.BeginScope("{CorrelationId} {DepositId}", (string?)process.State["correlationId"] ?? "none", process.Id);
        Activity.Current?.SetTag("notary.correlation_id", (string?)process.State["correlationId"]);
        var tenant = (string)process.State["tenant"]!;
        var row = await deposits.FindAsync(tenant, DepositId.Parse(process.Id), cancel).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"deposit {process.Id} has a process and no row");
        try
        {
            return process.Step switch
            {
                "stamp" => await StampAsync(process, row, cancel).ConfigureAwait(false),
                "issue" => await IssueAsync(process, row, cancel).ConfigureAwait(false),
                "settle" => await SettleAsync(process, row, cancel).ConfigureAwait(false),
                _ => throw new InvalidOperationException($"a certificate process has no step {process.Step}"),
            };
        }
        catch (FaultException e) when (e.Fault == Fault.EvidenceInvalid)
        {
            await deposits.MergeAsync(row.Tenant, row.Id, new Dictionary<string, object> { ["Fault"] = e.Fault.Code() }, ETag.All, cancel).ConfigureAwait(false);
            throw;
        }
    }

    private async Task<StepResult> StampAsync(ProcessRecord process, DepositRow row, CancellationToken cancel)
    {
        var stamped = await Stamps.CompleteAsync(authorities, row.Leaf, row.Tokens, cancel).ConfigureAwait(false);
        if (stamped.Tokens.Count > 0)
        {
            await deposits.MergeAsync(row.Tenant, row.Id, Stamps.Columns(stamped), ETag.All, cancel).ConfigureAwait(false);
        }

        logger.LogInformation("{Count} tokens over the manifest are kept", row.Tokens.Count + stamped.Tokens.Count);
        return stamped.Complete ? new StepResult.Advance("issue", process.State) : new StepResult.Retry(stamped.Fault!.Value, stamped.Reason);
    }

    private async Task<StepResult> IssueAsync(ProcessRecord process, DepositRow row, CancellationToken cancel)
    {
        if (await files.FindProvenAsync(row, cancel).ConfigureAwait(false) is not { } proven)
        {
            return new StepResult.Wait(clock.GetUtcNow() + settings.PollInterval, CustomStatus: "waiting for the anchor");
        }

        // The blob's name holds the block, so a letter that is in force is never overwritten by one about another block.
        var name = Names.LetterBlob(row.Id, proven.Anchor.BlockHash);
        if (row.LetterBlob == name)
        {
            return new StepResult.Advance("settle", process.State);
        }

        var letter = await signer.SignAsync(LetterRenderer.Render(files.Facts(proven)), cancel).ConfigureAwait(false);
        var failed = await JudgeAsync(files.Bundle(proven, letter, []), cancel).ConfigureAwait(false);
        if (failed.Count > 0)
        {
            throw new FaultException(Fault.EvidenceInvalid, $"{failed[0].Rung}: {failed[0].Reason}");
        }

        await storage.Container(Names.Letters).GetBlobClient(name)
            .UploadAsync(new BinaryData(letter), new BlobUploadOptions { HttpHeaders = new BlobHttpHeaders { ContentType = "application/pdf" } }, cancel).ConfigureAwait(false);
        await deposits.MergeAsync(
            row.Tenant,
            row.Id,
            new Dictionary<string, object> { ["CertifiedAt"] = clock.GetUtcNow(), ["LetterBlob"] = name, ["LetterSize"] = proven.Anchor.Size },
            ETag.All,
            cancel).ConfigureAwait(false);
        logger.LogInformation("letter issued about index {Index} under block {Block}", proven.Proof.Index, proven.Anchor.BlockHash);
        return new StepResult.Advance("settle", process.State);
    }

    /// <summary>Judges the very bytes that a stranger would be given.</summary>
    private async Task<IReadOnlyList<Verdict>> JudgeAsync(BundleContents contents, CancellationToken cancel)
    {
        using var bundle = new MemoryStream();
        await BundleWriter.WriteAsync(bundle, contents, cancel).ConfigureAwait(false);
        bundle.Position = 0;
        var report = await verifier.VerifyAsync(bundle, new BundleQuestion(), cancel).ConfigureAwait(false);
        return [.. report.Verdicts.Where(verdict => verdict.Mark == Mark.Fail)];
    }

    private async Task<StepResult> SettleAsync(ProcessRecord process, DepositRow row, CancellationToken cancel)
    {
        var anchor = await checkpoints.FindAnchorAsync(row.LetterSize ?? 0, cancel).ConfigureAwait(false);
        if (anchor is { Final: true } && Names.LetterBlob(row.Id, anchor.BlockHash) != row.LetterBlob)
        {
            return new StepResult.Advance("issue", process.State);
        }

        return anchor is { Settled: true }
            ? new StepResult.Complete(process.State)
            : new StepResult.Wait(clock.GetUtcNow() + (settings.PollInterval * 4), CustomStatus: "settling");
    }
}
