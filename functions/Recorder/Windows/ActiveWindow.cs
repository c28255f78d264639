using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Notary.Recorder.Windows;

/// <summary>The window that has the keyboard.</summary>
[SupportedOSPlatform("windows")]
internal static partial class ActiveWindow
{
    private const int MostTitle = 2000;

    /// <summary>Its title, and the file name of the program that it belongs to; null when there is none, or it has just gone.</summary>
    public static unsafe (string Title, string Application)? Look()
    {
        var window = GetForegroundWindow();
        if (window == 0)
            return null;

        var text = stackalloc char[MostTitle];
        var length = GetWindowTextW(window, text, MostTitle);
        _ = GetWindowThreadProcessId(window, out var process);
        return Programs.Path((int)process) is { } path ? (new string(text, 0, length), Path.GetFileName(path)) : null;
    }

    [LibraryImport("user32")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nint GetForegroundWindow();

    [LibraryImport("user32")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static unsafe partial int GetWindowTextW(nint window, char* text, int most);

    [LibraryImport("user32")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint GetWindowThreadProcessId(nint window, out uint process);
}
