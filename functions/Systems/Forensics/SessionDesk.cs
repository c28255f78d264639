using System.Text.RegularExpressions;
using Notary.Forensics.Desktops;

namespace Notary.Forensics;

/// <summary>Sessions as far as people decide them: asked for, entered, marked, captured, ended. All else is the orchestration's.</summary>
public sealed partial class SessionDesk
{
    private readonly SessionTable table;
    private readonly IDesktopProvider desktops;
    private readonly SessionStarter starter;
    private readonly SessionLetters letters;
    private readonly SessionSettings settings;
    private readonly TimeProvider clock;

    /// <param name="storage">The account with table <c>sessions</c>.</param>
    /// <param name="desktops">Where desktops come from.</param>
    /// <param name="starter">Starts and wakes orchestrations.</param>
    /// <param name="letters">Has the letters.</param>
    /// <param name="settings">The deployment's.</param>
    /// <param name="clock">Our clock.</param>
    public SessionDesk(
        StorageAccount storage, IDesktopProvider desktops, SessionStarter starter, SessionLetters letters, SessionSettings settings, TimeProvider clock)
        => (table, this.desktops, this.starter, this.letters, this.settings, this.clock)
            = (new SessionTable(storage), desktops, starter, letters, settings, clock);

    /// <summary>Whether desktops of this deployment are signed in to: whoever asks for one says who will.</summary>
    public bool NeedsUser => desktops.NeedsUser;

    /// <summary>Asks for a desktop.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="page">What its browser opens: http or https.</param>
    /// <param name="label">The owner's own words, perhaps none.</param>
    /// <param name="idempotencyKey">The same key and words give the same session.</param>
    /// <param name="cancel">Stops.</param>
    /// <param name="user">Who will use it, by his name in the directory that desktops are signed in to; only where they are.</param>
    /// <exception cref="FaultException">Malformed; DesktopUser; DesktopQuota; IdempotencyConflict.</exception>
    public async Task<SessionReceipt> CreateAsync(
        Tenant tenant, string page, string label, string? idempotencyKey, CancellationToken cancel, string? user = null)
    {
        DemandUser(user);
        if (page.Length > SessionLimits.MaxAddress || !Uri.TryCreate(page, UriKind.Absolute, out var uri) || uri.UserInfo.Length > 0
            || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
            throw new FaultException(Fault.Malformed, $"a page is http or https, at most {SessionLimits.MaxAddress} characters, no password in it");

        DemandText(label, 0, SessionLimits.MaxLabel, "a label");
        var now = clock.GetUtcNow();
        var wanted = new SessionRow
        {
            Id = DepositId.New(clock).ToString(),
            Tenant = tenant.Id,
            Name = tenant.Name,
            Did = tenant.Did,
            Sandbox = tenant.Sandbox ? true : null,
            Page = page,
            Label = label,
            User = user,
            CreatedAt = now,
            Since = now,
        };
        var fingerprint = Digest.Of(Encoding.UTF8.GetBytes(user is null ? $"{page}\n{label}" : $"{page}\n{label}\n{user}")).ToString();
        var row = await table.InsertAsync(wanted, idempotencyKey, fingerprint, settings.AtOnce, cancel).ConfigureAwait(false);
        await starter.StartAsync(row.Tenant, row.SessionId, cancel).ConfigureAwait(false);
        return new SessionReceipt(row.Id, row.Page, row.Label, row.CreatedAt, $"/v1/forensics/sessions/{row.Id}");
    }

    /// <summary>One session; null for a stranger's id as for a random one.</summary>
    public async Task<SessionView?> FindAsync(Tenant tenant, DepositId id, CancellationToken cancel)
        => (await table.FindAsync(tenant.Id, id, cancel).ConfigureAwait(false))?.ToView();

    /// <summary>The remote forensics letter of a session.</summary>
    /// <exception cref="FaultException">NotFound; NotReady: there is none, or not yet.</exception>
    public async Task<byte[]> LetterAsync(Tenant tenant, DepositId id, CancellationToken cancel)
    {
        var row = await DemandAsync(tenant, id, cancel).ConfigureAwait(false);
        return row.Letter ? await letters.ReadAsync(id, cancel).ConfigureAwait(false)
            : throw new FaultException(Fault.NotReady, row.Why == "package-gone" ? "there is no letter: the session's package is not kept any more"
                : $"the session is {row.State}: its letter comes after the deposit of its recording, if there is one");
    }

    /// <summary>A page of sessions, newest first.</summary>
    /// <exception cref="FaultException">Malformed.</exception>
    public async Task<SessionPage> ListAsync(Tenant tenant, int limit, string? continuation, CancellationToken cancel)
    {
        var (rows, next) = await table.ListAsync(tenant.Id, limit, continuation, cancel).ConfigureAwait(false);
        return new SessionPage([.. rows.Select(row => row.ToView())], next);
    }

    /// <summary>A link to the desktop that counts once; the one before counts no more.</summary>
    /// <exception cref="FaultException">NotFound; SessionState: its input is not connected, or it has ended.</exception>
    public async Task<Uri> EnterAsync(Tenant tenant, DepositId id, CancellationToken cancel)
    {
        var row = await DemandAsync(tenant, id, cancel).ConfigureAwait(false);
        DemandUsable(row);
        return await desktops.EnterAsync(id, cancel).ConfigureAwait(false) ?? throw Unusable(row);
    }

    /// <summary>Has a note sealed, with a picture of the screen.</summary>
    /// <exception cref="FaultException">NotFound; SessionState; Malformed; IdempotencyConflict.</exception>
    public async Task MarkAsync(Tenant tenant, DepositId id, string note, string? idempotencyKey, CancellationToken cancel)
    {
        DemandText(note, 1, SessionLimits.MaxNote, "a note");
        var row = await DemandAsync(tenant, id, cancel).ConfigureAwait(false);
        DemandUsable(row);
        if (!await desktops.MarkAsync(id, idempotencyKey, note, cancel).ConfigureAwait(false))
            throw Unusable(row);
    }

    /// <summary>Has the page that the desktop's browser shows captured: a link of the chain, later, says that it is.</summary>
    /// <exception cref="FaultException">NotFound; SessionState: it is not in use, or has <see cref="SessionLimits.MaxCaptures"/> captures.</exception>
    public async Task CaptureAsync(Tenant tenant, DepositId id, CancellationToken cancel)
    {
        var row = await DemandAsync(tenant, id, cancel).ConfigureAwait(false);
        DemandUsable(row);
        if (!await desktops.CaptureAsync(id, cancel).ConfigureAwait(false))
            throw Unusable(row);
    }

    /// <summary>Brings a file into the evidence: it is sealed when this returns, and lies in the desktop's <c>Uploads</c>.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="id">Of a session that is used.</param>
    /// <param name="name">As its owner knows it: 1 to <see cref="SessionLimits.MaxFileName"/> characters.</param>
    /// <param name="body">At most <see cref="SessionLimits.MaxFile"/> bytes; read to its end before anything is kept.</param>
    /// <param name="idempotencyKey">The same key, name and bytes are the same file.</param>
    /// <param name="cancel">Stops.</param>
    /// <exception cref="FaultException">NotFound; SessionState; Malformed; TooLarge; IdempotencyConflict.</exception>
    public async Task<SessionFile> PutFileAsync(
        Tenant tenant, DepositId id, string name, Stream body, string? idempotencyKey, CancellationToken cancel)
    {
        DemandText(name, 1, SessionLimits.MaxFileName, "a file's name");
        var row = await DemandAsync(tenant, id, cancel).ConfigureAwait(false);
        DemandUsable(row);
        return await desktops.PutFileAsync(id, idempotencyKey, name, body, cancel).ConfigureAwait(false) ?? throw Unusable(row);
    }

    /// <summary>Ends it, and nothing of what was recorded is lost. Ending it twice is ending it once; the first way counts.</summary>
    /// <exception cref="FaultException">NotFound.</exception>
    public async Task<SessionView> EndAsync(Tenant tenant, DepositId id, CloseReason how, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < SessionLimits.MaxAttempts; attempt++)
        {
            var row = await DemandAsync(tenant, id, cancel).ConfigureAwait(false);
            if (!row.IsLive || row.Ending is not null)
                return row.ToView();

            row = row with { Ending = how };
            if (!await table.SwapAsync(row, [], cancel).ConfigureAwait(false))
                continue;

            await starter.WakeAsync(id, cancel).ConfigureAwait(false);
            return row.ToView();
        }

        throw SessionTable.Contested();
    }

    private async Task<SessionRow> DemandAsync(Tenant tenant, DepositId id, CancellationToken cancel)
        => await table.FindAsync(tenant.Id, id, cancel).ConfigureAwait(false) ?? throw new FaultException(Fault.NotFound, "there is no such session");

    private static void DemandUsable(SessionRow row)
    {
        if (row is not { State: SessionState.Ready or SessionState.Active, Ending: null })
            throw Unusable(row);
    }

    private void DemandUser(string? user)
    {
        if (desktops.NeedsUser && user is null)
            throw new FaultException(Fault.DesktopUser, "desktops of this deployment are signed in to: name the user who will");

        if (!desktops.NeedsUser && user is not null)
            throw new FaultException(Fault.DesktopUser, "nobody signs in to desktops of this deployment: name no user");

        if (user is not null && !UserName().IsMatch(user))
            throw new FaultException(Fault.Malformed, "a user is named like name@directory.example");
    }

    // A user principal name of Entra; what it may hold besides is of no use in an address.
    [GeneratedRegex(@"^[0-9A-Za-z][0-9A-Za-z._'-]{0,63}@[0-9A-Za-z][0-9A-Za-z.-]{0,190}\z", RegexOptions.CultureInvariant)]
    private static partial Regex UserName();

    private static FaultException Unusable(SessionRow row)
        => new(Fault.SessionState, $"the session is {row.State}: only one that is Ready or Active has a desktop to be used");

    // A line of the agent's input, and a line of a letter.
    private static void DemandText(string text, int least, int most, string what)
    {
        if (text.Length < least || text.Length > most || (least > 0 && string.IsNullOrWhiteSpace(text)) || text.Any(char.IsControl))
            throw new FaultException(Fault.Malformed, $"{what} has {least} to {most} characters, none of them a control character");

        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[++i])))
                throw new FaultException(Fault.Malformed, $"{what} holds half of a surrogate pair");
        }
    }
}
