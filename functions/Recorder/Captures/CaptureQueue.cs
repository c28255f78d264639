using Notary.Evidence.Forensics.Captures;
using Notary.Recorder.Recording;

namespace Notary.Recorder.Captures;

/// <summary>A session's captures, one after another, sealed as they come.</summary>
internal sealed class CaptureQueue(PageCapture page, ScreenRecording recording, string folder)
{
    /// <summary>Characters of what an event says of a failure.</summary>
    private const int MostWhy = 300;

    private readonly Lock gate = new();
    private Task last = Task.CompletedTask;
    private int taken;

    /// <summary>Ends when all that were asked for are sealed, or have failed.</summary>
    public Task Done
    {
        get
        {
            lock (gate)
                return last;
        }
    }

    /// <summary>Has the page captured that the browser shows, after those that were asked for before.</summary>
    public void Ask()
    {
        lock (gate)
            last = TakeAsync(last);
    }

    // Elsewhere first: what is in the session's folder without a link is no part of a recording.
    private async Task TakeAsync(Task before)
    {
        await before;
        var place = Directory.CreateTempSubdirectory("notary-capture-").FullName;
        try
        {
            var report = await page.TakeAsync(taken + 1, place, CancellationToken.None);
            var number = ++taken;
            Directory.CreateDirectory(Path.Combine(folder, CaptureFormat.Folder(number)));
            foreach (var file in Directory.EnumerateFiles(place))
                File.Copy(file, Path.Combine(folder, CaptureFormat.File(number, Path.GetFileName(file))));

            await recording.SealCaptureAsync(number, report.Address, [.. report.Files.Select(f => f.Name), CaptureFormat.Report]);
        }
        catch (IOException e)
        {
            recording.Emit("capture", new JsonObject { ["failed"] = e.Message.Length <= MostWhy ? e.Message : e.Message[..MostWhy] });
        }
        finally
        {
            Directory.Delete(place, recursive: true);
        }
    }
}
