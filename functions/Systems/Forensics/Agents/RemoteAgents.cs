using System.Collections.Concurrent;
using Notary.Forensics.Desktops;

namespace Notary.Forensics.Agents;

/// <summary>What an agent must know.</summary>
/// <param name="Page">What the desktop's browser opens.</param>
/// <param name="Authorities">Time-stamp authorities that its clock is measured by.</param>
/// <param name="IdleMinutes">Without its user, until it ends by itself.</param>
/// <param name="LongestMinutes">Until it ends by itself in any case.</param>
public sealed record AgentOrder(string Session, string Page, IReadOnlyList<Uri> Authorities, int IdleMinutes, int LongestMinutes);

/// <summary>The same for every agent.</summary>
public sealed record AgentTerms(IReadOnlyList<Uri> Authorities, int IdleMinutes, int LongestMinutes);

/// <summary>The door for agents that are elsewhere: each shows the key of its one session, puts what it has sealed and asks what it is to do.</summary>
/// <remarks>Of a key only its SHA-256 is kept. It counts until the session's chain has ended. An unknown session, a wrong key and one that counts no
/// more are answered alike.</remarks>
public sealed class RemoteAgents
{
    /// <summary>Bytes of a request with lines of a chain.</summary>
    public const int MaxLines = RecordingStore.MaxPiece;

    /// <summary>Bytes of a key.</summary>
    private const int KeyBytes = 32;

    /// <summary>For how long a question for commands is held: proxies give up after minutes, and this is how often an agent is heard.</summary>
    private static readonly TimeSpan Held = TimeSpan.FromSeconds(15);

    /// <summary>Between two looks for commands: another instance may have written one.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    /// <summary>How exactly it is known when an agent was heard.</summary>
    private static readonly TimeSpan Exactly = TimeSpan.FromSeconds(20);

    private readonly AgentTable table;
    private readonly RecordingStore recordings;
    private readonly RemoteUploads uploads;
    private readonly AgentTerms terms;
    private readonly Action<DepositId> news;
    private readonly TimeProvider clock;
    private readonly ConcurrentDictionary<DepositId, DateTimeOffset> heard = new();

    /// <param name="storage">The account with table <c>sessions</c>.</param>
    /// <param name="recordings">Keeps container <c>recordings</c>.</param>
    /// <param name="terms">The deployment's.</param>
    /// <param name="news">Told of a session whose chain has grown.</param>
    /// <param name="clock">Our clock.</param>
    public RemoteAgents(StorageAccount storage, OriginalStore recordings, AgentTerms terms, Action<DepositId> news, TimeProvider clock)
    {
        (table, this.recordings, this.terms, this.news, this.clock) = (new AgentTable(storage), new RecordingStore(recordings), terms, news, clock);
        uploads = new RemoteUploads(table, this.recordings, clock);
    }

    internal AgentTable Table => table;

    internal RecordingStore Recordings => recordings;

    /// <summary>Whether a text has the form of a key.</summary>
    public static bool CouldBeKey(string text) => text.Length == 2 * KeyBytes && text.All(char.IsAsciiHexDigitLower);

    /// <summary>Whether a key opens a session's door.</summary>
    public async Task<bool> AdmitsAsync(DepositId session, string key, CancellationToken cancel)
    {
        if (!CouldBeKey(key) || await table.FindAsync(session, cancel).ConfigureAwait(false) is not { Closed: false } row)
            return false;

        var shown = SHA256.HashData(Encoding.UTF8.GetBytes(key));
        var admitted = false;
        foreach (var hash in row.Keys)
            admitted |= CryptographicOperations.FixedTimeEquals(Convert.FromHexString(hash), shown);

        return admitted;
    }

    /// <summary>Opens a session's door to an agent.</summary>
    /// <returns>The key that it shows.</returns>
    public async Task<string> AdmitAsync(DesktopOrder order, CancellationToken cancel)
    {
        await table.AddAsync(AgentRow.Of(order), cancel).ConfigureAwait(false);
        var row = await table.FindAsync(order.Session, cancel).ConfigureAwait(false) ?? throw SessionTable.Contested();
        return (await KeyAsync(row, cancel).ConfigureAwait(false))?.Key ?? throw SessionTable.Contested();
    }

    /// <summary>Another key of a session, written down before anybody has it.</summary>
    /// <returns>Null: another was first.</returns>
    internal async Task<(string Key, AgentRow Row)?> KeyAsync(AgentRow row, CancellationToken cancel)
    {
        var key = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(KeyBytes));
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
        return await table.SwapAsync(row with { Keys = [.. row.Keys, hash] }, cancel).ConfigureAwait(false) is { } keyed ? (key, keyed) : null;
    }

    /// <summary>Tells an agent a line.</summary>
    public Task TellAsync(DepositId session, string text, CancellationToken cancel) => table.TellAsync(session, null, text, cancel);

    /// <summary>What it must know.</summary>
    /// <exception cref="FaultException">NotFound.</exception>
    public async Task<AgentOrder> OrderAsync(DepositId session, CancellationToken cancel)
        => await table.FindAsync(session, cancel).ConfigureAwait(false) is { } row
            ? new AgentOrder(row.Id, row.Page, terms.Authorities, terms.IdleMinutes, terms.LongestMinutes)
            : throw new FaultException(Fault.NotFound, "there is no such session");

    /// <summary>Bytes that a file of that name may have.</summary>
    /// <exception cref="FaultException">Malformed: no recording has such a name.</exception>
    public static int BoundOf(string name)
        => RecordingNames.BoundOf(name) ?? throw new FaultException(Fault.Malformed, "no file of a recording that an agent makes has such a name");

    /// <summary>Puts a file of the recording; the same again is no error.</summary>
    /// <exception cref="FaultException">DigestMismatch; Conflict; StorageUnavailable.</exception>
    public Task PutAsync(DepositId session, string name, Stream content, Digest announced, CancellationToken cancel)
        => recordings.PutAsync(session, name, content, announced, cancel);

    /// <summary>Adds lines to the chain.</summary>
    /// <returns>Its bytes.</returns>
    /// <exception cref="FaultException">Malformed; TooLarge; Conflict; StorageUnavailable.</exception>
    public async Task<long> AppendAsync(DepositId session, long offset, byte[] lines, CancellationToken cancel)
    {
        var end = await recordings.AppendAsync(session, offset, lines, cancel).ConfigureAwait(false);
        await HeardAsync(session, cancel).ConfigureAwait(false);
        news(session);
        return end;
    }

    /// <summary>What it is told after a number: at once when there is anything, else when there is, or when it has been held long enough.</summary>
    public async Task<IReadOnlyList<AgentCommand>> CommandsAsync(DepositId session, long after, CancellationToken cancel)
    {
        await HeardAsync(session, cancel).ConfigureAwait(false);
        for (var begun = clock.GetTimestamp(); ; await Task.Delay(Look, clock, cancel).ConfigureAwait(false))
        {
            var told = await table.CommandsAsync(session, after, cancel).ConfigureAwait(false);
            if (told.Count > 0 || clock.GetElapsedTime(begun) >= Held)
                return told;
        }
    }

    /// <summary>Has a file sealed by an agent.</summary>
    /// <inheritdoc cref="IDesktopProvider.PutFileAsync"/>
    public Task<SessionFile?> PutUploadAsync(DepositId session, string? key, string name, Stream body, CancellationToken cancel)
        => uploads.PutAsync(session, key, name, body, cancel);

    /// <inheritdoc cref="RemoteUploads.OpenAsync"/>
    public Task<Stream> OpenUploadAsync(DepositId session, string file, CancellationToken cancel) => uploads.OpenAsync(session, file, cancel);

    /// <inheritdoc cref="RemoteUploads.AnswerAsync"/>
    public Task AnswerUploadAsync(DepositId session, string file, UploadAnswer answer, CancellationToken cancel)
        => uploads.AnswerAsync(session, file, answer, cancel);

    private async Task HeardAsync(DepositId session, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        if (heard.TryGetValue(session, out var last) && now - last < Exactly)
            return;

        await table.HeardAsync(session, now, cancel).ConfigureAwait(false);
        heard[session] = now;
    }
}
