namespace Notary.Forensics.Desktops;

/// <summary>What a desktop is asked for.</summary>
/// <param name="Session">Whose; a desktop is of one session and never used again.</param>
/// <param name="Page">What its browser opens.</param>
/// <param name="User">Who will use it, by his name in the directory that desktops are signed in to; null where they have none.</param>
public sealed record DesktopOrder(DepositId Session, Uri Page, string? User);

/// <summary>What is known of a session's desktop, read from the chain that it leaves.</summary>
/// <param name="Running">Its recorder may still write.</param>
/// <param name="Newest">The chain's head; null while there is no link.</param>
/// <param name="Measured">The link that seals its cleanliness; null before.</param>
/// <param name="Clean">What that link says.</param>
/// <param name="Connected">The user's input is.</param>
/// <param name="Touched">The user's newest key or pointer movement that is sealed.</param>
/// <param name="Closed">How the chain ends; null when it does not.</param>
/// <param name="Spoilt">Its recorder wrote what is no recording: nothing more of it is taken.</param>
public sealed record DesktopLook(
    bool Running, StatedHead? Newest, long? Measured, bool Clean, bool Connected, DateTimeOffset? Touched, CloseReason? Closed, bool Spoilt = false);

/// <summary>Where desktops come from. Everything may be asked again at any time.</summary>
public interface IDesktopProvider
{
    /// <summary>Whether its desktops are signed in to: an order without a user is then refused.</summary>
    bool NeedsUser { get; }

    /// <summary>Where its desktops run, in both languages of the letter.</summary>
    string Where { get; }

    /// <summary>Begins the desktop. MUST NOT begin a second one for a session: what was begun and is gone stays gone.</summary>
    /// <exception cref="IOException">It cannot be begun now.</exception>
    Task BeginAsync(DesktopOrder order, CancellationToken cancel);

    /// <summary>Looks. For a session without a desktop: not running, and what it left. What the look tells of is kept where no desktop can lose it.</summary>
    Task<DesktopLook> LookAsync(DepositId session, CancellationToken cancel);

    /// <summary>Has the user's keyboard and pointer connected; the chain tells when they are.</summary>
    Task ConnectAsync(DepositId session, CancellationToken cancel);

    /// <summary>A link to the desktop's view that counts once.</summary>
    /// <returns>Null when there is no desktop.</returns>
    Task<Uri?> EnterAsync(DepositId session, CancellationToken cancel);

    /// <summary>Has a note sealed, with a picture. The same key is the same mark.</summary>
    /// <returns>False when there is no desktop.</returns>
    /// <exception cref="FaultException"><see cref="Fault.IdempotencyConflict"/>; <see cref="Fault.SessionState"/>: there are too many.</exception>
    Task<bool> MarkAsync(DepositId session, string? key, string note, CancellationToken cancel);

    /// <summary>Has the page that the browser shows captured and sealed; the chain tells when it is.</summary>
    /// <returns>False when there is no desktop.</returns>
    /// <exception cref="FaultException"><see cref="Fault.SessionState"/>: there are too many.</exception>
    Task<bool> CaptureAsync(DepositId session, CancellationToken cancel);

    /// <summary>Has a file sealed as brought in from outside. The same key, name and bytes are the same file.</summary>
    /// <param name="session">Whose.</param>
    /// <param name="key">Perhaps none.</param>
    /// <param name="name">As people know it.</param>
    /// <param name="body">Read to its end before anything is kept.</param>
    /// <param name="cancel">Stops.</param>
    /// <returns>What its link says; null when there is no desktop.</returns>
    /// <exception cref="FaultException"><see cref="Fault.TooLarge"/>; <see cref="Fault.IdempotencyConflict"/>; <see cref="Fault.SessionState"/>: there are
    /// too many.</exception>
    /// <exception cref="IOException">The desktop has no room for it, or does not answer.</exception>
    Task<SessionFile?> PutFileAsync(DepositId session, string? key, string name, Stream body, CancellationToken cancel);

    /// <summary>Asks it to close its chain and to end.</summary>
    Task CloseAsync(DepositId session, CloseReason reason, CancellationToken cancel);

    /// <summary>Ends it at once, whatever it does. What it has recorded stays.</summary>
    Task EndAsync(DepositId session, CancellationToken cancel);

    /// <summary>What it has recorded. Whole when the desktop has ended.</summary>
    IRecording RecordingOf(DepositId session);

    /// <summary>Deletes the recording and whatever else is left.</summary>
    /// <returns>False while something is still there: to be asked again.</returns>
    Task<bool> ForgetAsync(DepositId session, CancellationToken cancel);

    /// <summary>Sessions of which anything is there.</summary>
    Task<IReadOnlyList<DepositId>> KnownAsync(CancellationToken cancel);
}
