using Nethereum.Merkle.Patricia;
using Nethereum.Model;
using Nethereum.RLP;
using Nethereum.Signer;

namespace Notary.Evidence.Tests.Ethereum;

/// <summary>What the Chain room writes with, for tests of what judges it.</summary>
internal sealed class NethereumPeer
{
    private readonly PatriciaTrie trie = new();

    public byte[] Root => trie.Root.GetHash();

    public static NethereumPeer TrieOf(IEnumerable<(byte[] Key, byte[] Value)> entries)
    {
        var peer = new NethereumPeer();
        foreach (var (key, value) in entries)
            peer.trie.Put(key, value);

        return peer;
    }

    public static NethereumPeer TrieOf(IReadOnlyList<byte[]> items) => TrieOf(items.Select((item, i) => (RLP.EncodeElement(i.ToBytesForRLPEncoding()), item)));

    /// <summary>The nodes from the root to the key; those that stand inside their parents are not repeated, as eth_getProof does.</summary>
    public IReadOnlyList<byte[]> Prove(byte[] key)
        => [.. trie.GenerateProof(key)?.Storage.Values.Where((node, i) => i == 0 || node.Length >= 32) ?? []];

    /// <summary>r‖s with the low s.</summary>
    public static byte[] LowS(byte[] signature)
    {
        var low = ECDSASignatureFactory.FromComponents(signature[..32], signature[32..]).MakeCanonical();
        return [.. Word(low.R.ToByteArrayUnsigned()), .. Word(low.S.ToByteArrayUnsigned())];
    }

    public static byte[] Encode(Transaction1559 transaction, byte[] signature, bool yParity)
    {
        transaction.SetSignature(new Signature(signature[..32], signature[32..], yParity ? [1] : []));
        return transaction.GetRLPEncoded();
    }

    private static byte[] Word(byte[] bytes) => [.. new byte[32 - bytes.Length], .. bytes];
}
