using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notary.Evidence;
using Notary.Evidence.Ethereum;

namespace Notary.Chain;

/// <summary>A node's JSON-RPC error object.</summary>
internal sealed class RpcErrorException(long code, string message, string? data) : Exception(message)
{
    public long Code { get; } = code;

    /// <summary>Revert data, when the node gives it as hexadecimal text.</summary>
    public string? ErrorData { get; } = data;

    // EIP-1474: no such method, internal error, limit exceeded. Another node may well do better.
    public bool IsNodesOwnTrouble => Code is -32601 or -32603 or -32005;
}

/// <summary>A node that could not be asked: no connection, no answer in time, an answer that is no JSON-RPC.</summary>
internal sealed class NodeDownException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>One JSON-RPC 2.0 node over HTTP, its chain id checked before anything else is believed.</summary>
internal sealed class RpcNode(Uri url, HttpClient http, ChainOptions options, TimeProvider clock)
{
    // A full block of a busy public chain with its receipts stays well below; a node must not be able to fill our memory.
    private const int MaxReplyBytes = 16 * 1024 * 1024;

    private const int MaxErrorText = 200;

    private volatile bool verified;

    /// <summary>Host and port, for messages: the path may hold an access key.</summary>
    public string Name => url.Authority;

    /// <summary>Asks; the answer's <c>result</c>, which may be null.</summary>
    /// <exception cref="RpcErrorException">The node refused.</exception>
    /// <exception cref="NodeDownException">The node could not be asked.</exception>
    /// <exception cref="FaultException"><see cref="Fault.ChainWrong"/>.</exception>
    public async Task<JsonElement> CallAsync(string method, JsonArray parameters, CancellationToken cancel)
    {
        await VerifyAsync(cancel).ConfigureAwait(false);
        return await SendAsync(method, parameters, cancel).ConfigureAwait(false);
    }

    /// <summary>Checks the chain id unless that was done since the node last failed.</summary>
    public async Task VerifyAsync(CancellationToken cancel)
    {
        if (verified)
        {
            return;
        }

        var id = Hex.Number(Text(await SendAsync("eth_chainId", [], cancel).ConfigureAwait(false)));
        if (id != options.ChainId)
        {
            throw new FaultException(Fault.ChainWrong, $"node {Name} is on chain {id}, not {options.ChainId}");
        }

        verified = true;
    }

    internal static string Text(JsonElement value)
        => value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new NodeDownException($"a node answered {value.ValueKind} where text belongs");

    private async Task<JsonElement> SendAsync(string method, JsonArray parameters, CancellationToken cancel)
    {
        using var timeout = new CancellationTokenSource(options.RequestTimeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancel);
        try
        {
            return await ExchangeAsync(method, parameters, both.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException or NodeDownException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            // Whoever answers at this address next time may be another.
            verified = false;
            throw e as NodeDownException ?? new NodeDownException($"node {Name} did not answer {method}: {(e is OperationCanceledException ? "timeout" : e.GetType().Name)}", e);
        }
    }

    private async Task<JsonElement> ExchangeAsync(string method, JsonArray parameters, CancellationToken cancel)
    {
        var body = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = 1, ["method"] = method, ["params"] = parameters.DeepClone() };
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = content };
        using var reply = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel).ConfigureAwait(false);
        var bytes = await ReadAsync(reply, cancel).ConfigureAwait(false);
        JsonElement json;
        try
        {
            json = JsonSerializer.Deserialize<JsonElement>(bytes);
        }
        catch (JsonException) when (!reply.IsSuccessStatusCode)
        {
            throw new NodeDownException($"node {Name} answered {method} with HTTP {(int)reply.StatusCode}");
        }

        // Some nodes put JSON-RPC errors under a 4xx; the body then still says more than the status.
        if (json.ValueKind == JsonValueKind.Object && json.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object)
        {
            throw Error(error);
        }

        return reply.IsSuccessStatusCode && json.ValueKind == JsonValueKind.Object && json.TryGetProperty("result", out var result)
            ? result
            : throw new NodeDownException($"node {Name} answered {method} with HTTP {(int)reply.StatusCode} and no result");
    }

    private async Task<byte[]> ReadAsync(HttpResponseMessage reply, CancellationToken cancel)
    {
        using var stream = await reply.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        using var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        for (int read; (read = await stream.ReadAsync(chunk, cancel).ConfigureAwait(false)) > 0;)
        {
            if (buffer.Length + read > MaxReplyBytes)
            {
                throw new NodeDownException($"node {Name} answered more than {MaxReplyBytes} bytes");
            }

            buffer.Write(chunk, 0, read);
        }

        return buffer.ToArray();
    }

    private static RpcErrorException Error(JsonElement error)
    {
        var code = error.TryGetProperty("code", out var c) && c.TryGetInt64(out var number) ? number : 0;
        var message = error.TryGetProperty("message", out var m) && m.ValueKind == JsonValueKind.String ? m.GetString()! : "no message";
        var data = error.TryGetProperty("data", out var d) && d.ValueKind == JsonValueKind.String ? d.GetString() : null;
        return new RpcErrorException(code, message.Length > MaxErrorText ? message[..MaxErrorText] : message, data);
    }
}
