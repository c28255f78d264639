using System.Net;

namespace Notary.Recorder.Recording.Sources;

/// <summary>TCP connections of a network namespace: to what address and port, as the kernel lists them for a process in it.</summary>
internal sealed class ConnectionSource(int member, TimeProvider time) : IEventSource
{
    // include/net/tcp_states.h: listening sockets have no peer.
    private const string Listening = "0A";

    public string Name => "connections";

    public Task RunAsync(Action<string, JsonObject> emit, CancellationToken cancel)
        => new Poll<string>(Name, Look, (members, came) => members["status"] = came ? "open" : "closed").RunAsync("connection", emit, time, cancel);

    private Dictionary<string, JsonObject> Look()
    {
        var found = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var table in new[] { "tcp", "tcp6" })
        {
            foreach (var line in File.ReadLines($"/proc/{member}/net/{table}").Skip(1))
            {
                var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (fields[3] == Listening)
                    continue;

                var (address, port) = EndPoint(fields[2]);
                found[$"{table} {fields[1]} {fields[2]}"] = new JsonObject
                { ["address"] = address.ToString(), ["port"] = port, ["protocol"] = "tcp", ["localPort"] = EndPoint(fields[1]).Port };
            }
        }

        return found;
    }

    // proc(5): each word of the address in the machine's byte order, the port in hexadecimal.
    private static (IPAddress Address, int Port) EndPoint(string text)
    {
        var parts = text.Split(':');
        var bytes = Convert.FromHexString(parts[0]);
        for (var word = 0; word < bytes.Length; word += 4)
            bytes.AsSpan(word, 4).Reverse();

        var address = new IPAddress(bytes);
        return (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, int.Parse(parts[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }
}
