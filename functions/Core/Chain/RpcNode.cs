using System.Net.Http.Headers;
using System.Text.Json.Nodes;

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
/// <remarks>
/// The transport under Nethereum's requests, because its own client has no bound on a reply, no caller's token and one
/// time limit for the whole process. It does not touch Nethereum, so an app that only asks after heads never loads it.
/// </remarks>
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
    public Task<JsonElement> AskAsync(string method, JsonArray parameters, CancellationToken cancel) => AskAsync(method, Body(method, parameters), cancel);

    /// <summary>The same with the request's whole body.</summary>
    public async Task<JsonElement> AskAsync(string method, byte[] body, CancellationToken cancel)
    {
        await VerifyAsync(cancel).ConfigureAwait(false);
        return await SendAsync(method, body, cancel).ConfigureAwait(false);
    }

    /// <summary>Checks the chain id unless that was done since the node last failed.</summary>
    public async Task VerifyAsync(CancellationToken cancel)
    {
        if (verified)
            return;

        var id = Hex.Number(Text(await SendAsync("eth_chainId", Body("eth_chainId", []), cancel).ConfigureAwait(false)));
        if (id != options.ChainId)
            throw new FaultException(Fault.ChainWrong, $"node {Name} is on chain {id}, not {options.ChainId}");

        verified = true;
    }

    internal static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String
        ? value.GetString()!
        : throw new NodeDownException($"a node answered {value.ValueKind} where text belongs");

    private static byte[] Body(string method, JsonArray parameters)
        => JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["jsonrpc"] = "2.0", ["id"] = 1, ["method"] = method, ["params"] = parameters });

    private async Task<JsonElement> SendAsync(string method, byte[] body, CancellationToken cancel)
    {
        using var timeout = new CancellationTokenSource(options.RequestTimeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancel);
        try
        {
            return await ExchangeAsync(method, body, both.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException or NodeDownException
            || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            // Whoever answers at this address next time may be another.
            verified = false;
            throw e as NodeDownException
                ?? new NodeDownException($"node {Name} did not answer {method}: {(e is OperationCanceledException ? "timeout" : e.GetType().Name)}", e);
        }
    }

    private async Task<JsonElement> ExchangeAsync(string method, byte[] body, CancellationToken cancel)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = content };
        using var reply = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel).ConfigureAwait(false);
        await reply.Content.LoadIntoBufferAsync(MaxReplyBytes, cancel).ConfigureAwait(false);
        JsonElement json;
        try
        {
            json = JsonSerializer.Deserialize<JsonElement>(await reply.Content.ReadAsByteArrayAsync(cancel).ConfigureAwait(false));
        }
        catch (JsonException) when (!reply.IsSuccessStatusCode)
        {
            throw new NodeDownException($"node {Name} answered {method} with HTTP {(int)reply.StatusCode}");
        }

        // Some nodes put JSON-RPC errors under a 4xx; the body then still says more than the status.
        if (json.ValueKind == JsonValueKind.Object && json.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object)
            throw Error(error);

        return reply.IsSuccessStatusCode && json.ValueKind == JsonValueKind.Object && json.TryGetProperty("result", out var result)
            ? result
            : throw new NodeDownException($"node {Name} answered {method} with HTTP {(int)reply.StatusCode} and no result");
    }

    private static RpcErrorException Error(JsonElement error)
    {
        var code = error.TryGetProperty("code", out var c) && c.ValueKind == JsonValueKind.Number && c.TryGetInt64(out var number) ? number : 0;
        var message = error.TryGetProperty("message", out var m) && m.ValueKind == JsonValueKind.String ? m.GetString()! : "no message";
        var data = error.TryGetProperty("data", out var d) && d.ValueKind == JsonValueKind.String ? d.GetString() : null;
        return new RpcErrorException(code, message.Length > MaxErrorText ? message[..MaxErrorText] : message, data);
    }
}
