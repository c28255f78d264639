using Nethereum.ABI.FunctionEncoding;
using Nethereum.ABI.Model;

namespace Notary.Chain.Explorer;

/// <summary>The consortium's contracts as the chain names them, and what is said to them and by them.</summary>
/// <param name="Anchor">The anchor contract of the settings.</param>
/// <param name="Kind">Its source's name; null when its code is none of ours.</param>
/// <param name="Consortium">Whom it asks who may anchor.</param>
/// <param name="Former">The anchor contract before it.</param>
internal sealed record KnownContracts(Address Anchor, string? Kind, Address? Consortium, Address? Former)
{
    /// <summary>Characters of a value that is shown.</summary>
    private const int MaxText = 512;

    /// <summary>All whose anchors count.</summary>
    public IEnumerable<Address> Anchors => Former is { } former ? [former, Anchor] : [Anchor];

    /// <summary>Asks the chain. What a contract's own code is cannot change, nor can what it was made with.</summary>
    public static async Task<KnownContracts> ReadAsync(NodeView node, Address anchor)
    {
        var code = await node.CodeAsync(anchor).ConfigureAwait(false);
        if (!code.AsSpan().SequenceEqual(ContractArtifact.ConsortiumAnchor.DeployedBytecode))
        {
            return new KnownContracts(anchor,
                code.AsSpan().SequenceEqual(ContractArtifact.EvidenceAnchor.DeployedBytecode) ? ContractArtifact.EvidenceAnchor.Name : null, null, null);
        }

        async Task<Address?> AskAsync(string name)
        {
            var answer = await node.CallAsync(anchor, ContractArtifact.ConsortiumAnchor.Call(name)).ConfigureAwait(false);
            return answer.Length == Digest.Size && answer.AsSpan().ContainsAnyExcept((byte)0) ? new Address(answer.AsSpan(Digest.Size - Address.Size)) : null;
        }

        return new KnownContracts(anchor, ContractArtifact.ConsortiumAnchor.Name, await AskAsync("consortium").ConfigureAwait(false),
            await AskAsync("former").ConfigureAwait(false));
    }

    /// <summary>What the data calls; null when it is no call of a contract that is known.</summary>
    public DecodedCall? Call(Address? to, byte[] data)
    {
        if (Artifact(to) is not { } artifact || data.Length < 4)
            return null;

        var text = Hex.Of(data);
        var function = Array.Find(artifact.Abi.Functions, f => text.StartsWith("0x" + f.Sha3Signature, StringComparison.Ordinal));
        return function is null ? null : Read(artifact, function.Name, () => new FunctionCallDecoder().DecodeDefaultData(text[10..], function.InputParameters));
    }

    /// <summary>What the log says; null when it is of no contract that is known.</summary>
    public DecodedCall? Event(JsonElement log)
    {
        object[] topics = [.. log.GetProperty("topics").EnumerateArray().Select(RpcNode.Text)];
        if (topics.Length == 0 || Artifact(Address.Parse(NodeRlp.Text(log, "address"))) is not { } artifact)
            return null;

        var found = Array.Find(artifact.Abi.Events, e => (string)topics[0] == "0x" + e.Sha3Signature);
        return found is null ? null
            : Read(artifact, found.Name, () => new EventTopicDecoder().DecodeDefaultTopics(found, topics, NodeRlp.Text(log, "data")));
    }

    private ContractArtifact? Artifact(Address? contract) => contract is not { } one ? null
        : one == Consortium ? ContractArtifact.Consortium
        : one == Former ? ContractArtifact.EvidenceAnchor
        : one != Anchor ? null
        : Kind == ContractArtifact.ConsortiumAnchor.Name ? ContractArtifact.ConsortiumAnchor : ContractArtifact.EvidenceAnchor;

    private static DecodedCall? Read(ContractArtifact artifact, string name, Func<List<ParameterOutput>> read)
    {
        try
        {
            return new DecodedCall(artifact.Name, name, [.. read().Select(v => new DecodedValue(v.Parameter.Name, Shorten(Text(v.Result, v.Parameter))))]);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Anybody may send a contract any bytes; what Nethereum says of those that are no parameters has no one type.
            return null;
        }
    }

    private static string Text(object? value, Parameter parameter) => value switch
    {
        byte[] bytes => Hex.Of(bytes),
        bool yes => yes ? "true" : "false",
        string text when parameter.Type == "address" => Address.Parse(text.ToLowerInvariant()).ToString(),
        string text => text,
        List<ParameterOutput> parts => $"({string.Join(", ", parts.Select(p => $"{p.Parameter.Name}: {Text(p.Result, p.Parameter)}"))})",
        System.Collections.IEnumerable list => $"[{string.Join(", ", list.Cast<object?>().Select(one => Text(one, parameter)))}]",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    private static string Shorten(string text) => text.Length <= MaxText ? text : text[..MaxText] + "…";
}
