using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Notary.Recorder.Windows;

/// <summary>Files of the programs that run.</summary>
[SupportedOSPlatform("windows")]
internal static partial class Programs
{
    private const uint QueryLimited = 0x1000;

    private const int MostPath = 2048;

    /// <summary>The file that a process runs; null when it has ended, or has none (the system's own).</summary>
    public static unsafe string? Path(int process)
    {
        var handle = OpenProcess(QueryLimited, false, process);
        if (handle == 0)
            return null;

        try
        {
            var text = stackalloc char[MostPath];
            var length = MostPath;
            return QueryFullProcessImageNameW(handle, 0, text, ref length) ? new string(text, 0, length) : null;
        }
        finally
        {
            CloseHandle(handle);
        }
    }

    [LibraryImport("kernel32")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nint OpenProcess(uint access, [MarshalAs(UnmanagedType.Bool)] bool inherit, int process);

    [LibraryImport("kernel32")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static unsafe partial bool QueryFullProcessImageNameW(nint process, uint form, char* path, ref int length);

    [LibraryImport("kernel32")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool CloseHandle(nint handle);
}
