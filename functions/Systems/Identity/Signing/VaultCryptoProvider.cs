using Microsoft.IdentityModel.Tokens;

namespace Notary.Identity.Signing;

/// <summary>Leaves room for the vault's signature: the token library signs synchronously, and a thread that waits for a vault serves nobody.</summary>
/// <remarks>What it writes is 64 zero bytes, which no key verifies; <see cref="Provider.Handlers.SignInVault"/> replaces them.
/// Verifying is the library's own.</remarks>
internal sealed class VaultCryptoProvider : ICryptoProvider
{
    public object Create(string algorithm, params object[] args) => new Room((SecurityKey)args[0], algorithm);

    public bool IsSupportedAlgorithm(string algorithm, params object[] args)
        => algorithm == SecurityAlgorithms.EcdsaSha256 && args is [ECDsaSecurityKey, true];

    public void Release(object cryptoInstance) => ((Room)cryptoInstance).Dispose();

    private sealed class Room(SecurityKey key, string algorithm) : SignatureProvider(key, algorithm)
    {
        // r and s (RFC 7518 §3.4).
        private const int Length = 64;

        public override byte[] Sign(byte[] input) => new byte[Length];

        public override bool Sign(ReadOnlySpan<byte> data, Span<byte> destination, out int bytesWritten)
        {
            destination[..Length].Clear();
            bytesWritten = Length;
            return true;
        }

        public override bool Verify(byte[] input, byte[] signature) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
        }
    }
}
