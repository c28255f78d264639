namespace Notary.Chain;

/// <summary>Several nodes of one chain: work runs whole on one of them, the one that last answered, and moves on to the next when it fails.</summary>
internal sealed class ChainNodes
{
    private readonly RpcNode[] nodes;
    private int current;

    public ChainNodes(ChainOptions options, HttpClient http, TimeProvider clock)
        => nodes = [.. options.RpcUrls.Select(url => new RpcNode(url, http, options, clock))];

    /// <summary>Runs <paramref name="work"/> on one node, so that what it reads is one node's view and not a mixture.</summary>
    /// <exception cref="FaultException"><see cref="Fault.ChainUnreachable"/>, <see cref="Fault.ChainWrong"/>, <see cref="Fault.ChainRefused"/>.</exception>
    public async Task<T> OnOneAsync<T>(Func<NodeView, Task<T>> work, CancellationToken cancel)
    {
        Exception? last = null;
        var first = Volatile.Read(ref current);
        for (var i = 0; i < nodes.Length; i++)
        {
            var index = (first + i) % nodes.Length;
            try
            {
                var result = await work(new NodeView(nodes[index], cancel)).ConfigureAwait(false);
                Volatile.Write(ref current, index);
                return result;
            }
            catch (NodeDownException e)
            {
                last = last is FaultException ? last : e;
            }
            catch (RpcErrorException e) when (e.IsNodesOwnTrouble)
            {
                last = last is FaultException ? last : e;
            }
            catch (FaultException e) when (e.Fault == Fault.ChainWrong)
            {
                last = e;
            }
            catch (Exception e) when (e is OverflowException or FaultException { Fault: Fault.Malformed })
            {
                last = last is FaultException ? last : new NodeDownException($"node {nodes[index].Name} answered what cannot be read: {e.Message}", e);
            }
            catch (RpcErrorException e)
            {
                throw Refused(e);
            }
        }

        throw last switch
        {
            FaultException wrong => wrong,
            RpcErrorException refused => Refused(refused),
            _ => Unreachable(last),
        };
    }

    /// <summary>Refuses when any node that answers is on another chain, or none answers.</summary>
    public async Task VerifyAllAsync(CancellationToken cancel)
    {
        Exception? last = null;
        var answered = 0;
        foreach (var node in nodes)
        {
            try
            {
                await node.VerifyAsync(cancel).ConfigureAwait(false);
                answered++;
            }
            catch (Exception e) when (e is NodeDownException or RpcErrorException)
            {
                last = e;
            }
        }

        if (answered == 0)
            throw Unreachable(last);
    }

    /// <summary>Asks all at once for their heads and returns with the first that answers: who asks after the chain's health must not wait for a
    /// node that is silent.</summary>
    public async Task AskAnyAsync(CancellationToken cancel)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var asked = nodes.Select(node => new NodeView(node, enough.Token).HeadAsync()).ToList<Task>();
        try
        {
            for (var left = asked.ToList(); left.Count > 0;)
            {
                var first = await Task.WhenAny(left).ConfigureAwait(false);
                if (first.IsCompletedSuccessfully)
                    return;

                left.Remove(first);
            }
        }
        finally
        {
            await enough.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(asked).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        cancel.ThrowIfCancellationRequested();
        throw asked.Select(a => a.Exception?.InnerException).FirstOrDefault(e => e is FaultException)
            ?? Unreachable(asked[0].Exception?.InnerException);
    }

    /// <summary>Asks all nodes the same at once; null for one that fails or takes longer.</summary>
    public async Task<T?[]> OnEachAsync<T>(Func<NodeView, Task<T?>> ask, TimeSpan patience, CancellationToken cancel)
        where T : class
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        enough.CancelAfter(patience);
        var answers = await Task.WhenAll(nodes.Select(async node =>
        {
            try
            {
                return await ask(new NodeView(node, enough.Token)).ConfigureAwait(false);
            }
            catch (Exception e) when (e is NodeDownException or RpcErrorException or FaultException or OverflowException
                || (e is OperationCanceledException && !cancel.IsCancellationRequested))
            {
                return null;
            }
        })).ConfigureAwait(false);
        return answers;
    }

    private FaultException Unreachable(Exception? last)
        => new(Fault.ChainUnreachable, $"none of {nodes.Length} chain nodes was of use; the last: {last?.Message ?? "nothing was asked"}", last);

    private static FaultException Refused(RpcErrorException e) => new(Fault.ChainRefused, $"the chain refused: {e.Message}", e);
}
