using Notary.Verification.Letters;

namespace Notary.Verification;

/// <summary>A time-stamp authority and the roots pinned for it alone.</summary>
/// <param name="Name">Lower-case letters, digits and hyphens; also part of file names.</param>
/// <param name="Roots">Self-signed certificates its chain may end in.</param>
/// <param name="PolicyOid">The only policy accepted; null for any.</param>
public sealed record TrustedAuthority(string Name, IReadOnlyList<X509Certificate2> Roots, string? PolicyOid)
{
    /// <summary>Who the authority is; null in formats before <c>notary-trust/3</c>.</summary>
    public string? LegalName { get; init; }
}

/// <summary>What a verifier believes before it sees any evidence: format <c>notary-trust/3</c> (docs/evidence-format.md, "Trust").</summary>
/// <remarks>Roots for time and roots for letters are separate lists: a key that may sign letters must not be able to make time.</remarks>
public sealed class TrustRoots
{
    public const string Format = "notary-trust/3";

    /// <summary>The format that had neither the office's short name nor the authorities' legal names; still read, and judged as it was.</summary>
    public const string SecondFormat = "notary-trust/2";

    /// <summary>The format that did not name the signer of letters; still read, and judged as it was.</summary>
    public const string FirstFormat = "notary-trust/1";

    /// <summary>Bytes of a trust file: some dozens of certificates; keeps a parser from reading without end.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>Authorities, roots per list, senders: more is no trust list but a mistake.</summary>
    public const int MaxEntries = 16;

    /// <summary>The log's origin, first line of its checkpoints and name of its key.</summary>
    public required string Origin { get; init; }

    /// <summary>The log's P-256 key, DER SubjectPublicKeyInfo.</summary>
    public required byte[] LogKeySpki { get; init; }

    public required IReadOnlyList<TrustedAuthority> Authorities { get; init; }

    /// <summary>Roots of the certificates that sign letters.</summary>
    public required IReadOnlyList<X509Certificate2> LetterRoots { get; init; }

    /// <summary>Who signs letters; null in the first format, which pins roots alone.</summary>
    public LetterIssuer? Issuer { get; init; }

    /// <summary>EIP-155 id of the chain that anchors are on.</summary>
    public required long ChainId { get; init; }

    /// <summary>The anchor contract, <c>0x</c> and 40 lower-case hex digits.</summary>
    public required string Contract { get; init; }

    /// <summary>Contracts that anchors went to before <see cref="Contract"/>, spelled like it, the earliest first: what was anchored there counts.</summary>
    public IReadOnlyList<string> FormerContracts { get; init; } = [];

    /// <summary>Accounts that may anchor, spelled like <see cref="Contract"/>; empty when the contract alone decides.</summary>
    public IReadOnlyList<string> Senders { get; init; } = [];

    /// <summary>The contract that an anchor must be of: the one it names if anchors went there once, else <see cref="Contract"/>.</summary>
    public string ContractOf(AnchorProof anchor) => FormerContracts.Contains(anchor.Contract, StringComparer.Ordinal) ? anchor.Contract : Contract;

    /// <summary>The same as it is told of one contract alone, whatever came before and after it: what a bundle with an anchor there carries, so that the
    /// bundle's bytes outlive a change of contract, and whoever knows nothing of such changes can judge it.</summary>
    /// <param name="contract"><see cref="Contract"/> or one before it.</param>
    public TrustRoots Of(string contract) => FormerContracts.Count == 0 && contract == Contract ? this : new()
    {
        Origin = Origin, LogKeySpki = LogKeySpki, Authorities = Authorities, LetterRoots = LetterRoots, Issuer = Issuer, ChainId = ChainId,
        Contract = contract, Senders = Senders,
    };

    /// <summary>Whether two lists have certificates for the same key: their owners are one, whatever they are called.</summary>
    public static bool ShareKey(IEnumerable<X509Certificate2> some, IEnumerable<X509Certificate2> others)
        => some.Select(Key).Intersect(others.Select(Key), StringComparer.Ordinal).Any();

    /// <summary>The first two authorities with a root's key in common; null when all are independent.</summary>
    public (string First, string Second)? SharedRoot()
    {
        for (var i = 0; i < Authorities.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (ShareKey(Authorities[i].Roots, Authorities[j].Roots))
                    return (Authorities[j].Name, Authorities[i].Name);
            }
        }

        return null;
    }

    private static string Key(X509Certificate2 root) => Convert.ToBase64String(root.PublicKey.ExportSubjectPublicKeyInfo());

    /// <summary>The canonical bytes (RFC 8785).</summary>
    public byte[] ToBytes() => TrustFile.Write(this);

    /// <summary>Reads a trust file, strictly: canonical, every member, every bound.</summary>
    /// <exception cref="Evidence.FaultException"><see cref="Evidence.Fault.Malformed"/>.</exception>
    public static TrustRoots Parse(ReadOnlySpan<byte> json) => TrustFile.Parse(json);
}
