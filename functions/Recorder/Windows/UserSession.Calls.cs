using System.Runtime.InteropServices;

#pragma warning disable CS0649 // The system writes these fields.

namespace Notary.Recorder.Windows;

/// <summary>The calls that it makes.</summary>
internal sealed partial class UserSession
{
    private const int MaxPath = 1024;

    // winnt.h, winbase.h.
    private const uint MaximumAllowed = 0x02000000;

    private const int Impersonation = 2, Primary = 1, TokenSession = 12, UseHandles = 0x100;

    private const uint UnicodeEnvironment = 0x400, NoWindow = 0x08000000, Breakaway = 0x01000000;

    [LibraryImport("kernel32", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool ProcessIdToSessionId(uint process, out uint session);

    [LibraryImport("kernel32")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool CloseHandle(nint handle);

    [LibraryImport("wtsapi32", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool WTSEnumerateSessionsW(nint server, int reserved, int version, out nint sessions, out uint count);

    [LibraryImport("wtsapi32")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial void WTSFreeMemory(nint memory);

    [LibraryImport("wtsapi32", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool WTSQueryUserToken(uint session, out SafeAccessTokenHandle token);

    [LibraryImport("advapi32", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool DuplicateTokenEx(
        SafeAccessTokenHandle token, uint access, nint attributes, int level, int kind, out SafeAccessTokenHandle duplicate);

    [LibraryImport("advapi32", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool SetTokenInformation(SafeAccessTokenHandle token, int kind, ref uint information, int length);

    [LibraryImport("advapi32", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static unsafe partial bool CreateProcessAsUserW(SafeAccessTokenHandle token, string program, char* line, nint process, nint thread,
        [MarshalAs(UnmanagedType.Bool)] bool inherit, uint flags, nint environment, string? folder, StartupInfo* start, out ProcessInformation made);

    [LibraryImport("userenv", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static unsafe partial bool GetUserProfileDirectoryW(SafeAccessTokenHandle token, char* folder, ref int length);

    [LibraryImport("userenv", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool CreateEnvironmentBlock(out nint environment, SafeAccessTokenHandle token, [MarshalAs(UnmanagedType.Bool)] bool inherit);

    [LibraryImport("userenv")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool DestroyEnvironmentBlock(nint environment);

    // STARTUPINFOW
    private unsafe struct StartupInfo
    {
        public int Size;
        public char* Reserved, Desktop, Title;
        public int X, Y, Width, Height, Columns, Rows, Fill, Flags;
        public short Show, ReservedLength;
        public nint ReservedBytes, Input, Output, Error;
    }

    private struct ProcessInformation
    {
        public nint Process, Thread;
        public uint ProcessId, ThreadId;
    }

    // WTS_SESSION_INFOW; a state of 0 is WTSActive.
    private struct SessionInfo
    {
        public uint Id;
        public nint Name;
        public int State;
    }
}
