using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Notary.Recorder.Windows;

/// <summary>What .NET does not offer of Windows: a job, the screen.</summary>
[SupportedOSPlatform("windows")]
internal static partial class Native
{
    /// <summary>JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE and _BREAKAWAY_OK, and the class of information that holds them.</summary>
    private const uint KillOnClose = 0x2000, BreakawayAllowed = 0x800;

    private const int ExtendedLimits = 9;

    /// <summary>SM_CXSCREEN and SM_CYSCREEN: the primary monitor, in pixels once <see cref="SetProcessDPIAware"/> was called.</summary>
    private const int ScreenWidth = 0, ScreenHeight = 1;

    /// <summary>Has what this process starts end with it, however it ends: its job closes with its last handle, and nobody else has one.</summary>
    /// <exception cref="IOException">It cannot be.</exception>
    public static unsafe void EndChildrenWithThis()
    {
        var job = CreateJobObjectW(0, null);
        var limits = new ExtendedLimitInformation { LimitFlags = KillOnClose | BreakawayAllowed };
        if (job == 0 || !SetInformationJobObject(job, ExtendedLimits, &limits, sizeof(ExtendedLimitInformation))
            || !AssignProcessToJobObject(job, Process.GetCurrentProcess().Handle))
            throw Failed("a job for what is started");
    }

    /// <summary>The primary monitor's pixels.</summary>
    public static (int Width, int Height) Pixels()
    {
        SetProcessDPIAware();
        return (GetSystemMetrics(ScreenWidth), GetSystemMetrics(ScreenHeight));
    }

    public static IOException Failed(string what) => new($"{what}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");

    [LibraryImport("kernel32", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nint CreateJobObjectW(nint attributes, string? name);

    [LibraryImport("kernel32", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static unsafe partial bool SetInformationJobObject(nint job, int kind, void* information, int length);

    [LibraryImport("kernel32", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool AssignProcessToJobObject(nint job, nint process);

    [LibraryImport("user32")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int GetSystemMetrics(int index);

    [LibraryImport("user32")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool SetProcessDPIAware();

    // JOBOBJECT_EXTENDED_LIMIT_INFORMATION of 64 bits.
    [StructLayout(LayoutKind.Sequential)]
    private struct ExtendedLimitInformation
    {
        public long ProcessTime, JobTime;
        public uint LimitFlags;
        public nuint LeastSet, MostSet;
        public uint MostProcesses;
        public nuint Affinity;
        public uint Priority, Scheduling;
        public ulong Reads, Writes, Others, ReadBytes, WrittenBytes, OtherBytes;
        public nuint ProcessMemory, JobMemory, PeakProcess, PeakJob;
    }
}
