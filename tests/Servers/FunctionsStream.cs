using System.Threading.Channels;
using Grpc.Core;
using Notary.Servers.Rpc;

namespace Notary.Servers;

/// <summary>The host's end of <c>FunctionRpc.EventStream</c>: 1. the worker reports; 2. it is initialised; 3. it names its functions;
/// 4. each is loaded; 5. invocations.</summary>
internal sealed class FunctionsStream(string folder) : FunctionRpc.FunctionRpcBase
{
    private readonly Channel<StreamingMessage> toWorker = Channel.CreateUnbounded<StreamingMessage>();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<StatusResult>> running = new();
    private readonly ConcurrentQueue<string> log = new();
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<FunctionLoadResponse> loaded = [];

    /// <summary>Ends when every function is loaded, with an exception when one is not.</summary>
    public Task Ready => ready.Task;

    public IReadOnlyList<RpcFunctionMetadata> Functions { get; private set; } = [];

    /// <summary>Where the worker takes HTTP (capability HttpUri).</summary>
    public Uri? Http { get; private set; }

    /// <summary>What the worker has told to log.</summary>
    public string Log => string.Join('\n', log);

    public override async Task EventStream(
        IAsyncStreamReader<StreamingMessage> requestStream, IServerStreamWriter<StreamingMessage> responseStream, ServerCallContext context)
    {
        var sending = SendAsync(responseStream, context.CancellationToken);
        await foreach (var message in requestStream.ReadAllAsync(context.CancellationToken))
            Take(message);

        await sending;
    }

    /// <summary>Calls a function and waits for its end.</summary>
    public async Task<StatusResult> InvokeAsync(InvocationRequest request, CancellationToken cancel)
    {
        var end = running[request.InvocationId] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        toWorker.Writer.TryWrite(new StreamingMessage { InvocationRequest = request });
        return await end.Task.WaitAsync(cancel);
    }

    private async Task SendAsync(IServerStreamWriter<StreamingMessage> stream, CancellationToken cancel)
    {
        await foreach (var message in toWorker.Reader.ReadAllAsync(cancel))
        {
            message.RequestId = Guid.NewGuid().ToString();
            await stream.WriteAsync(message, cancel);
        }
    }

    private void Take(StreamingMessage message)
    {
        switch (message.ContentCase)
        {
            case StreamingMessage.ContentOneofCase.StartStream:
                // 2
                toWorker.Writer.TryWrite(
                    new StreamingMessage { WorkerInitRequest = new() { HostVersion = "4.1037.0", WorkerDirectory = folder, FunctionAppDirectory = folder } });
                break;
            case StreamingMessage.ContentOneofCase.WorkerInitResponse:
                // 3
                Http = message.WorkerInitResponse.Capabilities.TryGetValue("HttpUri", out var uri) ? new Uri(uri) : null;
                toWorker.Writer.TryWrite(new StreamingMessage { FunctionsMetadataRequest = new() { FunctionAppDirectory = folder } });
                break;
            case StreamingMessage.ContentOneofCase.FunctionMetadataResponse:
                // 4
                Functions = message.FunctionMetadataResponse.FunctionMetadataResults;
                foreach (var function in Functions)
                    toWorker.Writer.TryWrite(new StreamingMessage { FunctionLoadRequest = new() { FunctionId = function.FunctionId, Metadata = function } });

                break;
            case StreamingMessage.ContentOneofCase.FunctionLoadResponse:
                Loaded(message.FunctionLoadResponse);
                break;
            case StreamingMessage.ContentOneofCase.InvocationResponse when running.TryRemove(message.InvocationResponse.InvocationId, out var end):
                // 5
                if (message.InvocationResponse.Result is { Status: not StatusResult.Types.Status.Success } failed)
                    log.Enqueue($"{message.InvocationResponse.InvocationId} failed: {failed.Exception?.Message} {failed.Exception?.StackTrace}");

                end.SetResult(message.InvocationResponse.Result);
                break;
            case StreamingMessage.ContentOneofCase.RpcLog:
                log.Enqueue($"{message.RpcLog.Level} {message.RpcLog.Category}: "
                    + $"{message.RpcLog.Message} {message.RpcLog.Exception?.Message} {message.RpcLog.Exception?.StackTrace}");
                break;
            default:
                break;
        }
    }

    private void Loaded(FunctionLoadResponse response)
    {
        loaded.Add(response);
        if (response.Result.Status != StatusResult.Types.Status.Success)
            ready.TrySetException(new InvalidOperationException($"{response.FunctionId} was not loaded: {response.Result.Exception?.Message}"));
        else if (loaded.Count == Functions.Count)
            ready.TrySetResult();
    }
}
