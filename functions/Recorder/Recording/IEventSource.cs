namespace Notary.Recorder.Recording;

/// <summary>Tells what happens on a desktop besides its picture.</summary>
public interface IEventSource
{
    /// <summary>For the event that says that the source is there, or was lost.</summary>
    string Name { get; }

    /// <summary>Tells until cancelled. It MUST throw when it can tell no more: it is then said to be lost, and run again.</summary>
    /// <param name="emit">A type and its members; at, elapsed and type are added.</param>
    /// <param name="cancel">The session ends.</param>
    Task RunAsync(Action<string, JsonObject> emit, CancellationToken cancel);
}
