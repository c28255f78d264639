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
            var number = taken + 1;
            var report = await page.TakeAsync(number, place, CancellationToken.None);
            Move(place, Path.Combine(folder, CaptureFormat.Folder(number)));
            await recording.SealCaptureAsync(number, report.Address, [.. report.Files.Select(f => f.Name), CaptureFormat.Report]);
            taken = number;
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

    private static void Move(string from, string to)
    {
        Directory.CreateDirectory(to);
        try
        {
            foreach (var file in Directory.EnumerateFiles(from))
                File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
        catch (IOException)
        {
            // A full disk: no link will speak of what is there.
            Directory.Delete(to, recursive: true);
            throw;
        }
    }
}
