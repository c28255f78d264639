namespace Notary.Chain.Draws;

/// <summary>Where an event stands.</summary>
/// <param name="Block">Number.</param>
/// <param name="BlockHash"><c>0x…</c>; after a reorganisation the number has another.</param>
/// <param name="Transaction">Hash, <c>0x…</c>.</param>
/// <param name="Index">Among the block's logs.</param>
public sealed record DrawEventPlace(long Block, string BlockHash, string Transaction, long Index);

/// <summary>What happened to a draw on chain.</summary>
public abstract record DrawEvent(DrawEventPlace Place)
{
    /// <summary>It was published with this plan by this account.</summary>
    public sealed record Published(DrawEventPlace Place, Address Publisher, DrawPlan Plan) : DrawEvent(Place);

    /// <summary>A party took part, as the one of this index.</summary>
    public sealed record Committed(DrawEventPlace Place, Address Party, int PartyIndex, Digest Commitment) : DrawEvent(Place);

    /// <summary>A party told its secret.</summary>
    public sealed record Revealed(DrawEventPlace Place, Address Party, int PartyIndex, Digest Secret) : DrawEvent(Place);

    /// <summary>The seed was fixed.</summary>
    /// <param name="Signature">The drand round's signature, x and y; empty for a block.</param>
    public sealed record SeedFixed(DrawEventPlace Place, BeaconSource Source, Digest Beacon, Digest Seed, byte[] Signature) : DrawEvent(Place);

    /// <summary>The result was recorded.</summary>
    public sealed record Finished(DrawEventPlace Place, Digest Result) : DrawEvent(Place);

    /// <summary>It was aborted.</summary>
    /// <param name="During">Whether a seed stood already.</param>
    /// <param name="Known">Whether the beacon could be known by then.</param>
    public sealed record Aborted(DrawEventPlace Place, DrawStage During, bool Known, Digest Reason) : DrawEvent(Place);

    /// <exception cref="FaultException"><see cref="Fault.Malformed"/> when it is no event of the registry.</exception>
    internal static DrawEvent Read(JsonElement log)
    {
        var topics = log.GetProperty("topics").EnumerateArray().Select(RpcNode.Text).ToArray();
        var place = new DrawEventPlace(Hex.Long(NodeRlp.Text(log, "blockNumber")), NodeRlp.Text(log, "blockHash"),
            NodeRlp.Text(log, "transactionHash"), Hex.Long(NodeRlp.Text(log, "logIndex")));
        var indexed = new AbiWords(topics.SelectMany(topic => Hex.Bytes(topic, 32)).ToArray());
        var data = new AbiWords(Hex.Bytes(NodeRlp.Text(log, "data")));
        return Array.Find(Names, name => ContractArtifact.DrawRegistry.Topic(name) == topics.FirstOrDefault()) switch
        {
            "Published" => new Published(place, indexed.Address(2), new DrawPlan(indexed.Digest(1), (DrawKind)data.Small(0), data.Digest(1),
                data.Number(2), data.Number(3), (BeaconSource)data.Small(4), data.Number(5), [.. data.Items(6, 1).Select(item => item.Address(0))])),
            "Committed" => new Committed(place, indexed.Address(2), data.Small(0), data.Digest(1)),
            "Revealed" => new Revealed(place, indexed.Address(2), data.Small(0), data.Digest(1)),
            "SeedFixed" => new SeedFixed(place, (BeaconSource)data.Small(0), data.Digest(1), data.Digest(2), data.Bytes(3)),
            "Finished" => new Finished(place, data.Digest(0)),
            "Aborted" => new Aborted(place, (DrawStage)data.Small(0), data.Small(1) == 1, data.Digest(2)),
            _ => throw new FaultException(Fault.Malformed, "a node told an event that the draw registry does not have"),
        };
    }

    private static readonly string[] Names = ["Published", "Committed", "Revealed", "SeedFixed", "Finished", "Aborted"];
}
