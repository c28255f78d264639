using System.Reflection;
using System.Text.Json;
using Notary.Evidence.Ethereum;

namespace Notary.Chain;

/// <summary>What <c>EvidenceAnchor.sol</c> compiles to, committed beside it and embedded here; a test compiles it again.</summary>
public sealed class ContractArtifact
{
    private ContractArtifact(JsonElement json)
    {
        Bytecode = Hex.Bytes(json.GetProperty("bytecode").GetString());
        DeployedBytecode = Hex.Bytes(json.GetProperty("deployedBytecode").GetString());
        Abi = json.GetProperty("abi").GetRawText();
    }

    public static ContractArtifact EvidenceAnchor { get; } = Load("EvidenceAnchor.json");

    /// <summary>The creation code, before the constructor's arguments.</summary>
    public byte[] Bytecode { get; }

    /// <summary>The code that then stands at the contract's address.</summary>
    public byte[] DeployedBytecode { get; }

    /// <summary>The ABI in JSON.</summary>
    public string Abi { get; }

    private static ContractArtifact Load(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not embedded");
        return new ContractArtifact(JsonSerializer.Deserialize<JsonElement>(stream));
    }
}
