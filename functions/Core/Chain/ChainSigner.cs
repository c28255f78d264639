using System.Formats.Asn1;
using Notary.Evidence;
using Notary.Evidence.Ethereum;
using Notary.Keys;

namespace Notary.Chain;

/// <summary>Signs transactions with a secp256k1 key held elsewhere, in production the vault's.</summary>
/// <param name="publicKey">x‖y (64 bytes) or 0x04‖x‖y (65).</param>
/// <param name="sign">Signs a 32-byte hash; answers r‖s, 64 bytes (IEEE P1363). A high s is turned into the low one here.</param>
public sealed class ChainSigner(ReadOnlyMemory<byte> publicKey, Func<ReadOnlyMemory<byte>, CancellationToken, Task<byte[]>> sign)
{
    private readonly byte[] point = publicKey.Length == 65 ? publicKey[1..].ToArray() : publicKey.ToArray();

    /// <summary>The account that pays for and sends the transactions.</summary>
    public Address Address { get; } = Address.OfPublicKey(publicKey.Span);

    /// <summary>The vault's key; it is of curve P-256K or refused.</summary>
    /// <exception cref="FaultException"><see cref="Fault.SignatureInvalid"/> when the key is of another curve.</exception>
    public static ChainSigner FromVault(VaultSigner vault) => FromSpki(vault.PublicKeySpki, vault.SignAsync);

    /// <summary>A signer for a public key in DER (SubjectPublicKeyInfo, curve secp256k1, uncompressed).</summary>
    /// <exception cref="FaultException"><see cref="Fault.SignatureInvalid"/> when the key is of another kind.</exception>
    public static ChainSigner FromSpki(ReadOnlyMemory<byte> spki, Func<ReadOnlyMemory<byte>, CancellationToken, Task<byte[]>> sign)
    {
        const string ecPublicKey = "1.2.840.10045.2.1";
        const string secp256k1 = "1.3.132.0.10";
        try
        {
            var outer = new AsnReader(spki, AsnEncodingRules.DER).ReadSequence();
            var algorithm = outer.ReadSequence();
            var isOurs = algorithm.ReadObjectIdentifier() == ecPublicKey && algorithm.ReadObjectIdentifier() == secp256k1;
            var key = outer.ReadBitString(out _);
            if (isOurs && key.Length == 65 && key[0] == 4)
            {
                return new ChainSigner(key, sign);
            }
        }
        catch (AsnContentException)
        {
        }

        throw new FaultException(Fault.SignatureInvalid, "the chain's sender needs a key of curve P-256K (secp256k1)");
    }

    /// <summary>The transaction's signed bytes, ready to broadcast.</summary>
    /// <exception cref="FaultException"><see cref="Fault.SignatureInvalid"/> when what came back is no signature by this key.</exception>
    public async Task<byte[]> SignAsync(Transaction1559 transaction, CancellationToken cancel)
    {
        var hash = transaction.SigningHash();
        var signature = Secp256k1.ToLowS(await sign(hash, cancel).ConfigureAwait(false));
        foreach (var parity in (bool[])[false, true])
        {
            if (Secp256k1.Recover(hash, signature, parity) is { } key && key.AsSpan().SequenceEqual(point))
            {
                return transaction.Encode(signature, parity);
            }
        }

        throw new FaultException(Fault.SignatureInvalid, "the signature over a transaction is not by the sender's key");
    }
}
