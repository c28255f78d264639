using Nethereum.Hex.HexTypes;
using Nethereum.JsonRpc.Client;
using Nethereum.JsonRpc.Client.RpcMessages;
using Newtonsoft.Json;

namespace Notary.Chain;

/// <summary>Nethereum's requests over <see cref="RpcNode"/>: bounded, under the caller's token, and read strictly.</summary>
internal sealed class NodeClient(RpcNode node, CancellationToken cancel) : ClientBase
{
    // Newtonsoft's objects take some fifty times the room of the text they are read from; what is larger is read without it.
    private const int MaxResultText = 1024 * 1024;

    private static readonly JsonSerializerSettings Settings = DefaultJsonSerializerSettingsFactory.BuildDefaultJsonSerializerSettings();

    public override async Task<RpcResponseMessage> SendAsync(RpcRequestMessage rpcRequestMessage, string? route = null)
    {
        var body = Encoding.UTF8.GetBytes(JsonConvert.SerializeObject(rpcRequestMessage, Settings));
        return new RpcResponseMessage(rpcRequestMessage.Id, result: await node.AskAsync(rpcRequestMessage.Method, body, cancel).ConfigureAwait(false));
    }

    /// <summary>Nethereum would take <c>0x</c> for zero and digits without 0x for hexadecimal, and say no more than "unable to convert".</summary>
    public override T DecodeResult<T>(RpcResponseMessage rpcResponseMessage)
    {
        var result = (JsonElement)rpcResponseMessage.Result;
        if (typeof(T) == typeof(HexBigInteger))
            Hex.Number(RpcNode.Text(result));

        try
        {
            return result.GetRawText().Length <= MaxResultText && base.DecodeResult<T>(rpcResponseMessage) is { } decoded
                ? decoded
                : throw new NodeDownException($"node {node.Name} answered nothing, or more than {MaxResultText} characters");
        }
        catch (Exception e) when (e is not NodeDownException)
        {
            throw new NodeDownException($"node {node.Name} answered what cannot be read as {typeof(T).Name}", e);
        }
    }

    protected override Task<RpcResponseMessage[]> SendAsync(RpcRequestMessage[] requests)
        => throw new NotSupportedException("nodes differ in what batches they take");
}
