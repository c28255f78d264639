using System.Runtime.InteropServices;

#pragma warning disable CS0649 // The system writes these fields.

namespace Notary.Recorder.Windows;

/// <summary>The calls that they make.</summary>
internal sealed partial class InputHooks
{
    // winuser.h.
    private const int Keyboard = 13, Mouse = 14, Moved = 0x200;

    private const uint Quit = 0x12, InjectedKey = 0x10, KeyUp = 0x80, InjectedPointer = 1;

    private delegate nint HookProcedure(int code, nint message, nint data);

    [LibraryImport("user32", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nint SetWindowsHookExW(int kind, HookProcedure procedure, nint module, uint thread);

    [LibraryImport("user32")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool UnhookWindowsHookEx(nint hook);

    [LibraryImport("user32")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nint CallNextHookEx(nint hook, int code, nint message, nint data);

    [LibraryImport("user32", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int GetMessageW(out Message message, nint window, uint least, uint most);

    [LibraryImport("user32")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool PostThreadMessageW(uint thread, uint message, nint first, nint second);

    [LibraryImport("user32")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool BlockInput([MarshalAs(UnmanagedType.Bool)] bool block);

    [LibraryImport("kernel32")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nint GetModuleHandleW(nint name);

    [LibraryImport("kernel32")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint GetCurrentThreadId();

    // MSG, KBDLLHOOKSTRUCT, MSLLHOOKSTRUCT.
    private struct Message
    {
        public nint Window;
        public uint Kind;
        public nint First, Second;
        public uint Time;
        public int X, Y, More;
    }

    private struct KeyInformation
    {
        public uint Key, Scan, Flags, Time;
        public nint More;
    }

    private struct PointerInformation
    {
        public int X, Y;
        public int Data;
        public uint Flags, Time;
        public nint More;
    }
}
