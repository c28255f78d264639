using System.Net;
using System.Net.Sockets;

namespace Notary.Soak;

/// <summary>An answer as it came over the wire.</summary>
/// <param name="Status">0 when the connection ended without one.</param>
/// <param name="ContentType">Empty when there was none.</param>
/// <param name="Body">As text.</param>
internal sealed record RawAnswer(int Status, string ContentType, string Body);

/// <summary>Sends bytes as they are and reads one HTTP/1.1 answer; the connection is used again as long as the server keeps it.</summary>
internal sealed class RawConnection(int port) : IDisposable
{
    /// <summary>Beyond what any answer here takes.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private byte[] buffer = new byte[64 * 1024];
    private Socket? socket;
    private int filled;

    /// <param name="request">The bytes.</param>
    /// <param name="lastWord">Nothing follows: what is incomplete stays so.</param>
    public async Task<RawAnswer> ExchangeAsync(byte[] request, bool lastWord)
    {
        using var bound = new CancellationTokenSource(Patience);
        var fresh = socket is null;
        socket ??= await ConnectAsync(bound.Token);
        RawAnswer? answer;
        try
        {
            // The server may answer, and close, before it has read everything.
            var sending = SendAsync(socket, request, lastWord, bound.Token);
            answer = await ReadAsync(bound.Token);
            await sending;
        }
        catch (SocketException)
        {
            answer = null;
        }

        if (answer is null || lastWord)
            Dispose();

        // A kept connection may have been closed meanwhile; that says nothing about this request.
        return answer ?? (fresh ? new RawAnswer(0, "", "") : await ExchangeAsync(request, lastWord));
    }

    public void Dispose()
    {
        socket?.Dispose();
        socket = null;
        filled = 0;
    }

    private async Task<Socket> ConnectAsync(CancellationToken cancel)
    {
        var made = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, LingerState = new LingerOption(true, 0) };
        await made.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancel);
        return made;
    }

    private static async Task SendAsync(Socket to, byte[] request, bool lastWord, CancellationToken cancel)
    {
        try
        {
            for (var sent = 0; sent < request.Length;)
                sent += await to.SendAsync(request.AsMemory(sent), cancel);

            if (lastWord)
                to.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The answer tells.
        }
    }

    private async Task<RawAnswer?> ReadAsync(CancellationToken cancel)
    {
        filled = 0;
        int head;
        while ((head = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (!await FillAsync(cancel))
                return null;
        }

        var lines = Encoding.Latin1.GetString(buffer, 0, head).Split("\r\n");
        string? Header(string name)
            => lines.FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();
        var body = Header("Transfer-Encoding") == "chunked" ? await ChunksAsync(head + 4, cancel)
            : await ContentAsync(head + 4, int.Parse(Header("Content-Length") ?? "0", System.Globalization.CultureInfo.InvariantCulture), cancel);
        if (Header("Connection") == "close")
            Dispose();

        return body is null
            ? null : new RawAnswer(int.Parse(lines[0].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), Header("Content-Type") ?? "", body);
    }

    private async Task<string?> ContentAsync(int from, int length, CancellationToken cancel)
    {
        while (filled < from + length)
        {
            if (!await FillAsync(cancel))
                return null;
        }

        return Encoding.UTF8.GetString(buffer, from, length);
    }

    /// <summary>Chunks with their sizes between them: enough to look for a code in.</summary>
    private async Task<string?> ChunksAsync(int from, CancellationToken cancel)
    {
        while (!buffer.AsSpan(from, filled - from).EndsWith("0\r\n\r\n"u8))
        {
            if (!await FillAsync(cancel))
                return null;
        }

        return Encoding.UTF8.GetString(buffer, from, filled - from);
    }

    private async Task<bool> FillAsync(CancellationToken cancel)
    {
        if (filled == buffer.Length)
            Array.Resize(ref buffer, 2 * buffer.Length);

        var read = await socket!.ReceiveAsync(buffer.AsMemory(filled), cancel);
        filled += read;
        return read > 0;
    }
}
