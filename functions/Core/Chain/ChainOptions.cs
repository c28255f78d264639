namespace Notary.Chain;

/// <summary>Which chain, which contract, and how patient and how generous to be.</summary>
public sealed class ChainOptions
{
    /// <summary>JSON-RPC nodes of the same chain, in order of preference. At least one; the next is asked when one fails.</summary>
    public Uri[] RpcUrls { get; set; } = [];

    /// <summary>EIP-155 id. A node that answers another is refused (<see cref="Evidence.Fault.ChainWrong"/>).</summary>
    public long ChainId { get; set; }

    /// <summary>The anchor contract: 0x and 40 digits.</summary>
    public string Contract { get; set; } = "";

    /// <summary>Contracts that anchors went to before <see cref="Contract"/>, the earliest first, at most 16; none by default. What is anchored there
    /// counts, and nothing new is sent there. Left out, an anchor that was under way at the change is paid for again.</summary>
    public string[] FormerContracts { get; set; } = [];

    /// <summary>Blocks, its own among them, under which an anchor counts as final: 1 to 1,000. Default 6.
    /// Too few and a short reorganisation takes back what a letter said.</summary>
    public int Confirmations { get; set; } = 6;

    /// <summary>Blocks after which nobody watches for a reorganisation any more: at least <see cref="Confirmations"/>. Default 64.</summary>
    public int SettleDepth { get; set; } = 64;

    /// <summary>For one request to one node: 100 ms to 2 min. Default 10 s.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Wei per gas beyond which no bid goes, base fee and tip together. Default 500 gwei. While the chain asks for more, anchors wait.</summary>
    public BigInteger MaxFeePerGas { get; set; } = 500_000_000_000;

    /// <summary>Wei per gas beyond which no tip goes. Default 50 gwei.</summary>
    public BigInteger MaxPriorityFeePerGas { get; set; } = 50_000_000_000;

    /// <summary>Blocks that pass an anchor by before its bid is raised: 1 to 100. Default 3. With 1 a single full block already costs money.</summary>
    public int BumpAfterBlocks { get; set; } = 3;

    /// <summary>The vault key (P-256K) that sends anchors.</summary>
    public string KeyName { get; set; } = "chain-sender";

    /// <summary>As many as a trust file's list may have.</summary>
    private const int MaxFormer = 16;

    internal Address ContractAddress => Address.Parse(Contract);

    /// <summary>Where an anchor may be: the contract, then what came before it.</summary>
    internal IReadOnlyList<Address> Contracts => [ContractAddress, .. FormerContracts.Select(Address.Parse).Reverse()];

    /// <summary>Checks every setting.</summary>
    /// <exception cref="ArgumentException">Names the setting.</exception>
    public void Validate()
    {
        Require(RpcUrls.Length > 0 && RpcUrls.All(u => u is { IsAbsoluteUri: true, Scheme: "http" or "https" }),
            nameof(RpcUrls), "one or more absolute http(s) addresses");
        Require(ChainId > 0, nameof(ChainId), "a positive number");
        Require(Address.TryParse(Contract, out _), nameof(Contract), "an address of 0x and 40 digits");
        Require(FormerContracts.Length <= MaxFormer && FormerContracts.All(f => Address.TryParse(f, out var former) && former != ContractAddress),
            nameof(FormerContracts), "addresses of 0x and 40 digits, at most 16, none of them Contract");
        Require(Confirmations is >= 1 and <= 1000, nameof(Confirmations), "1 to 1000");
        Require(SettleDepth >= Confirmations, nameof(SettleDepth), "at least Confirmations");
        Require(RequestTimeout >= TimeSpan.FromMilliseconds(100) && RequestTimeout <= TimeSpan.FromMinutes(2), nameof(RequestTimeout), "100 ms to 2 min");
        Require(MaxFeePerGas.Sign > 0, nameof(MaxFeePerGas), "a positive number of wei");
        Require(MaxPriorityFeePerGas.Sign > 0 && MaxPriorityFeePerGas <= MaxFeePerGas,
            nameof(MaxPriorityFeePerGas), "a positive number of wei, at most MaxFeePerGas");
        Require(BumpAfterBlocks is >= 1 and <= 100, nameof(BumpAfterBlocks), "1 to 100");
    }

    private static void Require(bool holds, string name, string what)
    {
        if (!holds)
            throw new ArgumentException($"Chain:{name} must be {what}");
    }
}
