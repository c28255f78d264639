using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Notary.Recorder.Windows;

/// <summary>Keyboard and pointer of a desktop: told of before any program has them, and kept from all of them while they are blocked.</summary>
/// <remarks>Low-level hooks are called on the thread that set them, for each event, within the system's patience (LowLevelHooksTimeout): it does nothing else.
/// That a key went down or up is told, and never which, since passwords are typed.</remarks>
[SupportedOSPlatform("windows")]
internal sealed partial class InputHooks : IDisposable
{
    private static readonly TimeSpan BetweenMoves = TimeSpan.FromMilliseconds(100);

    private readonly Func<JsonObject, bool> tell;
    private readonly Thread thread;
    private readonly TaskCompletionSource<uint> started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool blocked;
    private long moved;

    /// <exception cref="IOException">The hooks cannot be set.</exception>
    public InputHooks(Func<JsonObject, bool> tell, bool blocked)
    {
        (this.tell, this.blocked) = (tell, blocked);
        thread = new Thread(Run) { IsBackground = true, Name = "keyboard and pointer" };
        thread.Start();
        started.Task.GetAwaiter().GetResult();
        if (blocked)
            Block(true);
    }

    /// <summary>Keeps input from all programs, or no longer; says how.</summary>
    public void Block(bool on)
    {
        blocked = on;
        // Also by the system itself, which lets a user out by Ctrl+Alt+Del only.
        var also = BlockInput(on);
        if (on)
            tell(new JsonObject { ["type"] = WatchCommand.Blocking, ["by"] = also ? "hooks and system" : "hooks" });
    }

    /// <summary>Blocks again what Ctrl+Alt+Del has let out.</summary>
    public void Keep()
    {
        if (blocked)
            BlockInput(true);
    }

    public void Dispose()
    {
        PostThreadMessageW(started.Task.Result, Quit, 0, 0);
        thread.Join();
    }

    private unsafe void Run()
    {
        // Kept alive by this frame as long as the system may call them.
        HookProcedure keys = Key, pointer = Pointer;
        var module = GetModuleHandleW(0);
        var (keyboard, mouse) = (SetWindowsHookExW(Keyboard, keys, module, 0), SetWindowsHookExW(Mouse, pointer, module, 0));
        if (keyboard == 0 || mouse == 0)
        {
            started.SetException(Native.Failed("hooks on keyboard and pointer"));
            return;
        }

        started.SetResult(GetCurrentThreadId());
        while (GetMessageW(out _, 0, 0, 0) > 0)
        {
        }

        UnhookWindowsHookEx(keyboard);
        UnhookWindowsHookEx(mouse);
        GC.KeepAlive(keys);
        GC.KeepAlive(pointer);
    }

    private unsafe nint Key(int code, nint message, nint data)
    {
        if (code < 0)
            return CallNextHookEx(0, code, message, data);

        if (blocked)
            return 1;

        var flags = ((KeyInformation*)data)->Flags;
        Tell("key", (flags & InjectedKey) != 0, ("down", (flags & KeyUp) == 0));
        return CallNextHookEx(0, code, message, data);
    }

    private unsafe nint Pointer(int code, nint message, nint data)
    {
        if (code < 0)
            return CallNextHookEx(0, code, message, data);

        if (blocked)
            return 1;

        var information = *(PointerInformation*)data;
        var injected = (information.Flags & InjectedPointer) != 0;
        if (message == Moved)
        {
            if (Stopwatch.GetElapsedTime(moved) >= BetweenMoves)
            {
                moved = Stopwatch.GetTimestamp();
                Tell("pointer", injected, ("x", information.X), ("y", information.Y));
            }
        }
        else if (Button((int)message, (short)(information.Data >> 16)) is var (button, down))
        {
            Tell("pointer", injected, ("x", information.X), ("y", information.Y), ("button", button), ("down", down));
        }

        return CallNextHookEx(0, code, message, data);
    }

    // WM_LBUTTONDOWN and those after it; numbered as X does, the wheel's turns as presses of 4 to 7.
    private static (int Button, bool Down)? Button(int message, short data) => message switch
    {
        0x201 or 0x202 => (1, message == 0x201),
        0x207 or 0x208 => (2, message == 0x207),
        0x204 or 0x205 => (3, message == 0x204),
        0x20A => (data > 0 ? 4 : 5, true),
        0x20E => (data < 0 ? 6 : 7, true),
        0x20B or 0x20C => (7 + data, message == 0x20B),
        _ => null,
    };

    private void Tell(string type, bool injected, params ReadOnlySpan<(string Name, JsonNode Value)> more)
    {
        var members = new JsonObject { ["type"] = type };
        foreach (var (name, value) in more)
            members[name] = value;

        // Of another program, not of a person.
        if (injected)
            members["injected"] = true;

        tell(members);
    }
}
