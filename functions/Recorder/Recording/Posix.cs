using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Notary.Recorder.Recording;

/// <summary>What .NET does not offer of the C library.</summary>
internal static partial class Posix
{
    private const int ClockBootTime = 7;

    /// <summary>Nanoseconds since the machine started, sleep included.</summary>
    public static long BootTime()
        => clock_gettime(ClockBootTime, out var time) == 0 ? (time.Seconds * 1_000_000_000) + time.Nanoseconds : throw Failed("clock_gettime");

    /// <summary>Makes the names of new files in a folder durable.</summary>
    /// <remarks>Windows has no such call: NTFS journals names, and FlushFileBuffers of a file writes the journal through, too.</remarks>
    /// <exception cref="IOException">They may be lost.</exception>
    public static void SyncFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            return;

        var folder = open(path, 0); // O_RDONLY
        if (folder < 0)
            throw Failed($"open {path}");

        var synced = fsync(folder) == 0;
        var failure = synced ? null : Failed($"fsync {path}");
        _ = close(folder);
        if (failure is not null)
            throw failure;
    }

    private static IOException Failed(string what) => new($"{what}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int clock_gettime(int clock, out Timespec time);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int fsync(int file);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int close(int file);

    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
