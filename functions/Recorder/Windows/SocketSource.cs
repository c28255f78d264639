using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Notary.Recorder.Recording;
using Notary.Recorder.Recording.Sources;

namespace Notary.Recorder.Windows;

/// <summary>TCP connections of the machine, which is the desktop; of those that leave it, by which program.</summary>
/// <remarks>Whose a connection is (GetExtendedTcpTable) is asked only when one has come that leaves the machine: that is dear, and many stay within.</remarks>
[SupportedOSPlatform("windows")]
internal sealed partial class SocketSource(TimeProvider time) : IEventSource
{
    // tcpmib.h, winerror.h.
    private const int Listening = 2;

    private const uint TooSmall = 122;

    private readonly Dictionary<Connection, string?> programs = [];

    private unsafe delegate uint Table(byte* table, ref int size);

    public string Name => "connections";

    public Task RunAsync(Action<string, JsonObject> emit, CancellationToken cancel)
        => new Poll<Connection>(Name, Look, (members, came) => members["status"] = came ? "open" : "closed").RunAsync("connection", emit, time, cancel);

    private unsafe Dictionary<Connection, JsonObject> Look()
    {
        var found = new HashSet<Connection>();
        foreach (ref readonly var row in Rows<Row4>((byte* table, ref int size) => GetTcpTable(table, ref size, false)))
            Add(found, row.State, row.Local, row.Remote);

        foreach (ref readonly var row in Rows<Row6>((byte* table, ref int size) => GetTcp6Table(table, ref size, false)))
            Add(found, row.State, row.Local, row.Remote);

        foreach (var gone in programs.Keys.Where(known => !found.Contains(known)).ToList())
            programs.Remove(gone);

        if (found.Any(connection => !IPAddress.IsLoopback(connection.Address) && !programs.ContainsKey(connection)))
            AskPrograms(found);

        return found.ToDictionary(c => c, c => new JsonObject
        {
            ["address"] = c.Address.ToString(), ["port"] = c.Port, ["protocol"] = "tcp", ["localPort"] = c.LocalPort,
            ["program"] = programs.GetValueOrDefault(c),
        });
    }

    private void AskPrograms(HashSet<Connection> found)
    {
        foreach (var (connection, process) in Owners.Look())
        {
            if (found.Contains(connection) && Programs.Path(process) is { } path)
                programs[connection] = Path.GetFileName(path);
        }

        // Of which nobody is known, nobody will be.
        foreach (var connection in found)
            programs.TryAdd(connection, null);
    }

    private static void Add(HashSet<Connection> found, uint state, EndPoint4 local, EndPoint4 remote)
    {
        if (state != Listening)
            found.Add(Connection.Of(new IPAddress(remote.Address), remote.Port, local.Port));
    }

    private static void Add(HashSet<Connection> found, uint state, EndPoint6 local, EndPoint6 remote)
    {
        if (state != Listening)
            found.Add(Connection.Of(remote.ToAddress(), remote.Port, local.Port));
    }

    // A count, then the rows.
    private static unsafe ReadOnlySpan<T> Rows<T>(Table read) where T : unmanaged
    {
        var (size, buffer) = (0, Array.Empty<byte>());
        while (true)
        {
            uint code;
            fixed (byte* table = buffer)
                code = read(table, ref size);

            if (code == 0)
                return buffer.Length == 0 ? [] : MemoryMarshal.Cast<byte, T>(buffer.AsSpan(sizeof(int), BitConverter.ToInt32(buffer) * sizeof(T)));

            buffer = code == TooSmall ? new byte[size] : throw new IOException($"the connections cannot be listed: {code}");
        }
    }

    [LibraryImport("iphlpapi")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static unsafe partial uint GetTcpTable(byte* table, ref int size, [MarshalAs(UnmanagedType.Bool)] bool order);

    [LibraryImport("iphlpapi")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static unsafe partial uint GetTcp6Table(byte* table, ref int size, [MarshalAs(UnmanagedType.Bool)] bool order);

    /// <summary>A connection as both tables name it.</summary>
    private readonly record struct Connection(IPAddress Address, int Port, int LocalPort)
    {
        // In the network's order, in the lower half.
        public static Connection Of(IPAddress address, uint port, uint local)
            => new(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, Swapped(port), Swapped(local));

        private static int Swapped(uint port) => (int)(((port & 0xFF) << 8) | ((port >> 8) & 0xFF));
    }

    /// <summary>Processes by connection.</summary>
    private static partial class Owners
    {
        // iprtrmib.h, ws2def.h.
        private const int AllWithOwners = 5, Ipv4 = 2, Ipv6 = 23;

        public static unsafe List<(Connection Connection, int Process)> Look()
        {
            var found = new List<(Connection, int)>();
            foreach (ref readonly var row in Rows<Owned4>((byte* table, ref int size) => GetExtendedTcpTable(table, ref size, false, Ipv4, AllWithOwners, 0)))
                found.Add((Connection.Of(new IPAddress(row.Row.Remote.Address), row.Row.Remote.Port, row.Row.Local.Port), row.Process));

            foreach (ref readonly var row in Rows<Owned6>((byte* table, ref int size) => GetExtendedTcpTable(table, ref size, false, Ipv6, AllWithOwners, 0)))
                found.Add((Connection.Of(row.Remote.ToAddress(), row.Remote.Port, row.Local.Port), row.Process));

            return found;
        }

        [LibraryImport("iphlpapi")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static unsafe partial uint GetExtendedTcpTable(
            byte* table, ref int size, [MarshalAs(UnmanagedType.Bool)] bool order, int family, int kind, uint reserved);
    }
}
