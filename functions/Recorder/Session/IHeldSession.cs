namespace Notary.Recorder.Session;

/// <summary>A session as its input leads it: on Linux on a desktop that is made for it, on Windows on the machine itself.</summary>
internal interface IHeldSession : IAsyncDisposable
{
    /// <summary>Desktop, recording, measurement, page.</summary>
    /// <returns>Whether the desktop was clean and may be its user's.</returns>
    /// <exception cref="IOException">This machine cannot, or the folder is not empty.</exception>
    Task<bool> StartAsync(CancellationToken cancel);

    /// <summary>Seals that input is connected, and connects it.</summary>
    Task ConnectAsync(CancellationToken cancel);

    /// <summary>Prints a link to the view; the one before counts no more.</summary>
    void Link();

    /// <summary>Has the page captured that the browser shows; its link says when it is.</summary>
    void Capture();

    /// <summary>Seals a file that was brought in, and says so.</summary>
    Task UploadAsync(string file, string name, CancellationToken cancel);

    Task MarkAsync(string note, CancellationToken cancel);

    /// <summary>Waits until the session ends by itself.</summary>
    /// <returns>Why.</returns>
    Task<CloseReason> EndedAsync(CancellationToken cancel);

    /// <summary>Input away, files taken, recording sealed.</summary>
    /// <returns>The reason that was written.</returns>
    Task<CloseReason> CloseAsync(CloseReason reason);
}
