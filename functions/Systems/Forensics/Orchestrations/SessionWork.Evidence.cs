using Notary.Forensics.Desktops;
using Notary.Verification;

namespace Notary.Forensics;

/// <summary>What of a session goes into the log, and its package.</summary>
public sealed partial class SessionWork
{
    /// <summary>Tokens that stand beside a head.</summary>
    private const int TokensOfHead = 2;

    private const string ZipType = "application/zip", LinesType = "application/x-ndjson";

    /// <summary>Whether the newest head is to be deposited now: what was begun, the measurement before anything may follow it, and one each so often.</summary>
    private bool IsDue(SessionRow row, DesktopLook look)
        => row.Pledged is not null
            || (look.Newest is { } newest && newest.Link > (row.Head?.Link ?? -1) && look.Measured is { } measured
                && (row.Head is null || row.Head.Link < measured || clock.GetUtcNow() >= row.HeadAt + settings.HeadEvery));

    /// <summary>2 and 3. Writes the head down, deposits it, and says that it is.</summary>
    private async Task<SessionStep> LogAsync(SessionRow row, StatedHead newest, CancellationToken cancel)
    {
        if (row.Pledged is not { } pledge)
        {
            await table.SwapAsync(row with { Pledged = new Pledge(newest.Link, newest.Head.ToString(), newest.Size) }, [], cancel).ConfigureAwait(false);
            return new SessionStep();
        }

        var stated = pledge.Of(row.SessionId);
        Digest? previous = row.Head is { } before ? Digest.Parse(before.Manifest) : null;
        var options = new DepositOptions(null, null, stated.Notes, previous, $"notary-forensics-{row.Id}-{stated.Name}", null, LetterOnRequest: true);
        var item = new DigestItem(stated.Name, stated.Size, StatedHead.MediaType, stated.Head);
        var id = (await deposits.DepositDigestsAsync(row.Owner, options, [item], cancel).ConfigureAwait(false)).Id;
        var view = await deposits.FindAsync(row.Owner, id, cancel).ConfigureAwait(false) ?? throw Gone(id.ToString());
        var head = new HeadRow(stated.Link, view.Id, view.ManifestDigest);
        await table.SwapAsync(row with { Pledged = null, Head = head, HeadAt = clock.GetUtcNow() }, [SessionTable.Add(row, head)], cancel)
            .ConfigureAwait(false);
        return new SessionStep();
    }

    /// <summary>5. The chain's last head first; then each with what dates it.</summary>
    private async Task<SessionStep> SealAsync(SessionRow row, CancellationToken cancel)
    {
        var look = await desktops.LookAsync(row.SessionId, cancel).ConfigureAwait(false);
        if (look.Running)
            return Wait("its end", row, clock.GetUtcNow() + settings.Poll);

        if (row.Pledged is not null || (look.Newest is { } newest && newest.Link > (row.Head?.Link ?? -1)))
            return await LogAsync(row with { Links = look.Newest!.Link + 1 }, look.Newest, cancel).ConfigureAwait(false);

        var recording = desktops.RecordingOf(row.SessionId);
        foreach (var head in await table.HeadsAsync(row, cancel).ConfigureAwait(false))
        {
            if (await recording.HasAsync(ForensicsFormat.Statement(head.Link), cancel).ConfigureAwait(false))
                continue;

            if (await deposits.DatedAsync(row.Owner, DepositId.Parse(head.Deposit), cancel).ConfigureAwait(false) is not { } dated)
                return Wait("time-stamps", row, clock.GetUtcNow() + settings.Poll);

            await recording.WriteAsync(ForensicsFormat.Proof(head.Link), Encoding.UTF8.GetBytes(dated.Proof.ToText()), cancel).ConfigureAwait(false);
            foreach (var (token, i) in dated.Tokens.Take(TokensOfHead).Select((token, i) => (token, i)))
                await recording.WriteAsync(ForensicsFormat.Token(head.Link, i + 1), TokenResponse.Wrap(token), cancel).ConfigureAwait(false);

            // Last: with it the head is there.
            await recording.WriteAsync(ForensicsFormat.Statement(head.Link), dated.Manifest, cancel).ConfigureAwait(false);
        }

        return await EndAsync(row with { Sealed = true }, row.State == SessionState.Broken ? SessionState.Broken : SessionState.Sealed, cancel)
            .ConfigureAwait(false);
    }

    /// <summary>6. The package is the same bytes each time, so its key makes it one deposit.</summary>
    private async Task<SessionStep> PackAsync(SessionRow row, CancellationToken cancel)
    {
        var recording = desktops.RecordingOf(row.SessionId);
        var look = await desktops.LookAsync(row.SessionId, cancel).ConfigureAwait(false);
        var last = look.Newest ?? throw Gone(row.Id);
        List<DigestItem> parts = [await PartAsync(recording, ForensicsFormat.ChainFile, LinesType, cancel).ConfigureAwait(false)];
        if (await recording.HasAsync(ForensicsFormat.Cleanliness, cancel).ConfigureAwait(false))
            parts.Add(await PartAsync(recording, ForensicsFormat.Cleanliness, StatedHead.MediaType, cancel).ConfigureAwait(false));

        parts.Add(new DigestItem(last.Name, last.Size, StatedHead.MediaType, last.Head));
        var notes = new Dictionary<string, string>
        {
            ["session"] = row.Id,
            ["page"] = row.Page,
            ["end"] = row.State == SessionState.Broken ? $"broken off at link {last.Link.ToString(CultureInfo.InvariantCulture)}"
                : SessionRow.Word(row.Ending!.Value),
        };
        if (row.Label.Length > 0)
            notes["label"] = row.Label;

        var options = new DepositOptions($"{row.Id}.zip", ZipType, notes, Digest.Parse(row.Head!.Manifest), $"notary-forensics-{row.Id}", null,
            LetterOnRequest: false);
        await using var package = PackageStream.Of(recording);
        var id = (await deposits.DepositRecordingAsync(row.Owner, options, parts, package, cancel).ConfigureAwait(false)).Id;
        var state = row.State == SessionState.Broken ? SessionState.Broken : SessionState.Deposited;
        return await GoAsync(row with { Deposit = id.ToString() }, state, cancel).ConfigureAwait(false);
    }

    /// <summary>7. The letter names the deposit's place in the log, and is read from what was deposited.</summary>
    private async Task<SessionStep> LetterAsync(SessionRow row, DepositId deposit, CancellationToken cancel)
    {
        var view = await deposits.FindAsync(row.Owner, deposit, cancel).ConfigureAwait(false) ?? throw Gone(deposit.ToString());
        if (view.Index is not { } index)
            return Wait("its place in the log", row, clock.GetUtcNow() + settings.Poll);

        var issued = await letters.IssueAsync(row, view, index, c => deposits.OpenOriginalAsync(row.Owner, deposit, 0, 0, null, c), desktops.Where, cancel)
            .ConfigureAwait(false);

        // Without its package there will never be one, and whoever looks at the session is told.
        row = issued ? row with { Letter = true } : row with { Why = "package-gone" };
        await table.SwapAsync(row with { Over = true }, [], cancel).ConfigureAwait(false);
        return new SessionStep();
    }

    private static async Task<DigestItem> PartAsync(IRecording recording, string name, string type, CancellationToken cancel)
    {
        await using var file = await recording.DemandAsync(name, cancel).ConfigureAwait(false);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (buffer, size) = (new byte[64 * 1024], 0L);
        for (int read; (read = await file.ReadAsync(buffer, cancel).ConfigureAwait(false)) > 0; size += read)
            hash.AppendData(buffer.AsSpan(0, read));

        return new DigestItem(name, size, type, new Digest(hash.GetHashAndReset()));
    }

    private static FaultException Gone(string id) => new(Fault.EvidenceInvalid, $"{id} of a session is gone");
}
