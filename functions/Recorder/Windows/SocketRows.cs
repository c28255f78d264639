using System.Runtime.InteropServices;

#pragma warning disable CS0649 // The system writes these fields.

namespace Notary.Recorder.Windows;

// MIB_TCPROW, MIB_TCP6ROW, MIB_TCPROW_OWNER_PID, MIB_TCP6ROW_OWNER_PID.
internal readonly struct EndPoint4
{
    public readonly uint Address, Port;
}

internal readonly struct EndPoint6
{
    private readonly uint a, b, c, d;

    public readonly uint Scope, Port;

    public IPAddress ToAddress() => new(MemoryMarshal.AsBytes<uint>([a, b, c, d]));
}

internal readonly struct Row4
{
    public readonly uint State;

    public readonly EndPoint4 Local, Remote;
}

internal readonly struct Row6
{
    public readonly uint State;

    public readonly EndPoint6 Local, Remote;
}

internal readonly struct Owned4
{
    public readonly Row4 Row;

    public readonly int Process;
}

internal readonly struct Owned6
{
    public readonly EndPoint6 Local, Remote;

    public readonly uint State;

    public readonly int Process;
}
