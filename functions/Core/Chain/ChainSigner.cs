using System.Formats.Asn1;
using Nethereum.Signer;
using Nethereum.Signer.Crypto;
using Notary.Keys;

namespace Notary.Chain;

/// <summary>Signs transactions with a secp256k1 key held elsewhere, in production the vault's.</summary>
/// <param name="publicKey">0x04‖x‖y, 65 bytes.</param>
/// <param name="sign">Signs a 32-byte hash; answers r‖s, 64 bytes (IEEE P1363). A high s is turned into the low one here.</param>
public sealed class ChainSigner(byte[] publicKey, Func<ReadOnlyMemory<byte>, CancellationToken, Task<byte[]>> sign)
{
    /// <summary>The account that pays for and sends the transactions: the last 20 bytes of the hash of x‖y.</summary>
    public Address Address { get; } = new(Sha3Keccack.Current.CalculateHash(publicKey[1..]).AsSpan(12));

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
                return new ChainSigner(key, sign);
        }
        catch (AsnContentException)
        {
        }

        throw new FaultException(Fault.SignatureInvalid, "the chain's sender needs a key of curve P-256K (secp256k1)");
    }

    /// <summary>The transaction's signed bytes, ready to broadcast.</summary>
    /// <exception cref="FaultException"><see cref="Fault.SignatureInvalid"/> when what came back is no signature by this key.</exception>
    public async Task<byte[]> SignAsync(Nethereum.Model.SignedTransaction transaction, CancellationToken cancel = default)
    {
        var signer = new External(publicKey, hash => sign(hash, cancel));
        try
        {
            await (transaction switch
            {
                Transaction1559 t => signer.SignAsync(t),
                LegacyTransactionChainId t => signer.SignAsync(t),
                _ => throw new NotSupportedException(),
            }).ConfigureAwait(false);
            return transaction.GetRLPEncoded();
        }
        catch (Exception e) when (signer.Answered)
        {
            // Nethereum looks for the parity under which the recovered key is ours, and throws when there is none.
            throw new FaultException(Fault.SignatureInvalid, "the signature over a transaction is not by the sender's key", e);
        }
    }

    private sealed class External(byte[] publicKey, Func<byte[], Task<byte[]>> sign) : EthExternalSignerBase
    {
        /// <summary>The key's keeper did its part.</summary>
        public bool Answered { get; private set; }

        public override bool Supported1559 => true;

        public override ExternalSignerTransactionFormat ExternalSignerTransactionFormat { get; protected set; } = ExternalSignerTransactionFormat.Hash;

        public override bool CalculatesV { get; protected set; }

        public override Task SignAsync(Transaction1559 transaction) => SignHashTransactionAsync(transaction);

        public override Task SignAsync(LegacyTransactionChainId transaction) => SignHashTransactionAsync(transaction);

        public override Task SignAsync(LegacyTransaction transaction) => throw new NotSupportedException();

        public override Task SignAsync(Transaction7702 transaction) => throw new NotSupportedException();

        protected override Task<byte[]> GetPublicKeyAsync() => Task.FromResult(publicKey);

        protected override async Task<ECDSASignature> SignExternallyAsync(byte[] bytes)
        {
            var signature = await sign(bytes).ConfigureAwait(false);
            Answered = true;

            // EIP-2 wants the lower of the two possible s; a vault need not care, and gives the higher half of the time.
            return ECDSASignatureFactory.FromComponents(signature[..32], signature[32..]).MakeCanonical();
        }
    }
}
