using System.Reflection;
using Nethereum.ABI.ABIDeserialisation;
using Nethereum.ABI.FunctionEncoding;
using Nethereum.ABI.Model;

namespace Notary.Chain;

/// <summary>What a contract compiles to, committed beside its source and embedded here; a test compiles it again.</summary>
public sealed class ContractArtifact
{
    private readonly ContractABI abi;

    private ContractArtifact(JsonElement json)
    {
        Name = json.GetProperty("contract").GetString()!;
        Bytecode = Hex.Bytes(json.GetProperty("bytecode").GetString());
        DeployedBytecode = Hex.Bytes(json.GetProperty("deployedBytecode").GetString());
        abi = new ABIJsonDeserialiser().DeserialiseContract(json.GetProperty("abi").GetRawText());
    }

    public static ContractArtifact EvidenceAnchor { get; } = Load("EvidenceAnchor.json");

    /// <summary>Its constructor's structs are <see cref="ConsortiumContract"/>'s to encode.</summary>
    public static ContractArtifact Consortium { get; } = Load("Consortium.json");

    /// <summary>Has <see cref="EvidenceAnchor"/>'s calls, event and errors, and <c>NotOpen</c> as well: what calls the one calls the other.</summary>
    public static ContractArtifact ConsortiumAnchor { get; } = Load("ConsortiumAnchor.json");

    public static ContractArtifact DrawRegistry { get; } = Load("DrawRegistry.json");

    /// <summary>As the source has it.</summary>
    public string Name { get; }

    /// <summary>The creation code, before the constructor's arguments.</summary>
    public byte[] Bytecode { get; }

    /// <summary>The code that then stands at the contract's address.</summary>
    public byte[] DeployedBytecode { get; }

    /// <summary>The data of a call of <paramref name="function"/>.</summary>
    /// <param name="function">Its name in the contract.</param>
    /// <param name="values">Numbers, addresses, digests, bytes, lists of addresses.</param>
    public byte[] Call(string function, params object[] values)
    {
        var called = Function(function);
        return Hex.Bytes(new FunctionCallEncoder().EncodeRequest(called.Sha3Signature, called.InputParameters, [.. values.Select(Plain)]));
    }

    /// <summary>The data of the transaction that creates the contract: its code and the constructor's arguments.</summary>
    public byte[] Create(params object[] values)
        => Hex.Bytes(new ConstructorCallEncoder().EncodeRequest(Hex.Of(Bytecode), abi.Constructor.InputParameters, [.. values.Select(Plain)]));

    /// <summary>The first of the values that <paramref name="function"/> answered.</summary>
    public T Read<T>(string function, byte[] answer)
        => new FunctionCallDecoder().DecodeSimpleTypeOutput<T>(Function(function).OutputParameters[0], Hex.Of(answer));

    /// <summary>What <paramref name="function"/> answered, by name; of a struct its members.</summary>
    internal IReadOnlyDictionary<string, object> ReadAll(string function, byte[] answer)
    {
        var read = new ParameterDecoder().DecodeDefaultData(answer, Function(function).OutputParameters);
        return (read is [{ Result: List<ParameterOutput> members }] ? members : read).ToDictionary(o => o.Parameter.Name, o => o.Result);
    }

    /// <summary>What the contract's <c>Anchored</c> events of that size are found by.</summary>
    internal string[] AnchoredTopics(long size)
        => [Topic("Anchored"), Hex.Of(Event("Anchored").InputParameters[0].ABIType.Encode(size))];

    /// <summary>An event's first topic.</summary>
    internal string Topic(string name) => "0x" + Event(name).Sha3Signature;

    /// <summary>What a log's <c>Anchored</c> event says; null for a log of anything else.</summary>
    internal (long Size, Digest Root)? Anchored(JsonElement log)
    {
        object[] topics = [.. log.GetProperty("topics").EnumerateArray().Select(RpcNode.Text)];
        if (topics.Length != 2 || (string)topics[0] != Topic("Anchored"))
            return null;

        var said = new EventTopicDecoder().DecodeDefaultTopics(Event("Anchored"), topics, NodeRlp.Text(log, "data"));
        return said is [{ Result: System.Numerics.BigInteger size }, { Result: byte[] root }, ..] ? ((long)size, new Digest(root)) : null;
    }

    /// <summary>The name and first number of the custom error that revert data tells; null for any other.</summary>
    internal (string Name, long Number)? Error(string data)
        => Array.Find(abi.Errors, e => data.StartsWith("0x" + e.Sha3Signature, StringComparison.Ordinal)) is { } error
            ? (error.Name, data.Length == 10 + 64 ? Hex.Long("0x" + data[10..]) : 0)
            : null;

    /// <summary>What calls and events are read by.</summary>
    internal ContractABI Abi => abi;

    private FunctionABI Function(string name) => abi.Functions.Single(f => f.Name == name);

    private EventABI Event(string name) => abi.Events.Single(e => e.Name == name);

    private static object Plain(object value) => value switch
    {
        Address address => address.ToLowerHex(),
        IReadOnlyList<Address> addresses => addresses.Select(a => a.ToLowerHex()).ToList(),
        Digest digest => digest.ToArray(),
        _ => value,
    };

    private static ContractArtifact Load(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not embedded");
        return new ContractArtifact(JsonSerializer.Deserialize<JsonElement>(stream));
    }
}
