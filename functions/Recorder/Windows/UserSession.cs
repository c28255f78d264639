using System.ComponentModel;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Security.Principal;
using Notary.Recorder.Recording;

namespace Notary.Recorder.Windows;

/// <summary>The interactive session whose screen is recorded: this process's own, or, for one of the services' (0), that in which a user is active.</summary>
/// <remarks>What records there has SYSTEM's token, moved there: its user can neither read, signal nor end it. Only the browser has his.</remarks>
[SupportedOSPlatform("windows")]
internal sealed partial class UserSession
{
    private const int Services = 0;

    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    private UserSession(uint id) => Id = id;

    public uint Id { get; }

    private bool IsOurs => Id == Own();

    /// <summary>Waits until there is one.</summary>
    /// <exception cref="IOException">Nobody came in time.</exception>
    public static async Task<UserSession> WaitAsync(TimeSpan patience, TimeProvider clock, CancellationToken cancel)
    {
        for (var began = clock.GetTimestamp(); clock.GetElapsedTime(began) < patience; await Task.Delay(Beat, clock, cancel))
        {
            if (Find() is { } session)
                return session;
        }

        throw new IOException($"nobody has logged on within {patience.TotalMinutes:0} minutes");
    }

    /// <summary>Null while nobody is logged on.</summary>
    public static UserSession? Find() => Own() != Services ? new UserSession(Own()) : Active() is { } id ? new UserSession(id) : null;

    /// <summary>Whether its user is still logged on.</summary>
    public bool IsThere
    {
        get
        {
            if (IsOurs)
                return true;

            if (!WTSQueryUserToken(Id, out var token))
                return false;

            token.Dispose();
            return true;
        }
    }

    /// <summary>The user's token.</summary>
    /// <exception cref="IOException">He has logged off, or this process is not SYSTEM's.</exception>
    public SafeAccessTokenHandle User()
        => IsOurs ? WindowsIdentity.GetCurrent().AccessToken : WTSQueryUserToken(Id, out var token) ? token : throw Native.Failed("the user's token");

    /// <summary>His identifier, under which the registry has his settings.</summary>
    public string Sid
    {
        get
        {
            using var user = User();
            using var identity = new WindowsIdentity(user.DangerousGetHandle());
            return identity.User!.Value;
        }
    }

    /// <summary>His profile's folder.</summary>
    public unsafe string Profile
    {
        get
        {
            using var user = User();
            var buffer = stackalloc char[MaxPath];
            var length = MaxPath;
            return GetUserProfileDirectoryW(user, buffer, ref length) ? new string(buffer) : throw Native.Failed("the user's profile");
        }
    }

    /// <summary>Starts one of the recorder's programs on the session's desktop. It ends when its input does, or what it prints is read no more.</summary>
    /// <exception cref="IOException">It did not start.</exception>
    public Started Start(string program, IReadOnlyList<string> arguments)
    {
        using var own = OwnMoved();
        return Start(own, 0, program, arguments);
    }

    /// <summary>Starts a program as the session's user.</summary>
    public void StartAsUser(string program, IReadOnlyList<string> arguments)
    {
        using var user = User();
        if (!CreateEnvironmentBlock(out var environment, user, inherit: false))
            throw Native.Failed("the user's environment");

        try
        {
            Start(user, environment, program, arguments).Process.Dispose();
        }
        finally
        {
            DestroyEnvironmentBlock(environment);
        }
    }

    private static uint Own() => ProcessIdToSessionId((uint)Environment.ProcessId, out var session) ? session : throw Native.Failed("this process's session");

    private static unsafe uint? Active()
    {
        if (!WTSEnumerateSessionsW(0, 0, 1, out var sessions, out var count))
            throw Native.Failed("the sessions");

        try
        {
            foreach (var session in new ReadOnlySpan<SessionInfo>((void*)sessions, (int)count))
            {
                if (session is { Id: not Services, State: 0 } && WTSQueryUserToken(session.Id, out var token))
                {
                    token.Dispose();
                    return session.Id;
                }
            }

            return null;
        }
        finally
        {
            WTSFreeMemory(sessions);
        }
    }

    // This process's own token, for a process in that session.
    private SafeAccessTokenHandle OwnMoved()
    {
        using var own = WindowsIdentity.GetCurrent(TokenAccessLevels.Duplicate | TokenAccessLevels.Query | TokenAccessLevels.AssignPrimary);
        if (!DuplicateTokenEx(own.AccessToken, MaximumAllowed, 0, Impersonation, Primary, out var token))
            throw Native.Failed("this process's token");

        var id = Id;
        if (IsOurs || SetTokenInformation(token, TokenSession, ref id, sizeof(uint)))
            return token;

        token.Dispose();
        throw Native.Failed("a token of the user's session");
    }

    private static unsafe Started Start(SafeAccessTokenHandle token, nint environment, string program, IReadOnlyList<string> arguments)
    {
        var line = (CommandLine.Of([program, .. arguments]) + '\0').ToCharArray();
        lock (Child.Starting)
        {
            var input = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.Inheritable);
            var output = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.Inheritable);
            var error = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.Inheritable);
            try
            {
                fixed (char* text = line, desktop = "winsta0\\default")
                {
                    var start = new StartupInfo
                    {
                        Size = sizeof(StartupInfo),
                        Desktop = desktop,
                        Flags = UseHandles,
                        Input = input.ClientSafePipeHandle.DangerousGetHandle(),
                        Output = output.ClientSafePipeHandle.DangerousGetHandle(),
                        Error = error.ClientSafePipeHandle.DangerousGetHandle(),
                    };
                    const uint Flags = UnicodeEnvironment | NoWindow | Breakaway;
                    if (!CreateProcessAsUserW(token, program, text, 0, 0, true, Flags, environment, null, &start, out var made))
                        throw Native.Failed($"{Path.GetFileName(program)} did not start");

                    CloseHandle(made.Thread);
                    // Its number is its own as long as somebody has a handle.
                    var process = Process.GetProcessById((int)made.ProcessId);
                    _ = process.SafeHandle;
                    CloseHandle(made.Process);
                    return new Started(process, new StreamWriter(input) { AutoFlush = true }, output, new StreamReader(error));
                }
            }
            finally
            {
                input.DisposeLocalCopyOfClientHandle();
                output.DisposeLocalCopyOfClientHandle();
                error.DisposeLocalCopyOfClientHandle();
            }
        }
    }
}
