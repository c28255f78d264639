using Notary.Recorder.Windows;

namespace Notary.Recorder.Recording;

/// <summary>The key of one session: P-256, made here, in memory only, forgotten with this object. Whoever has the folder cannot go on with its chain.</summary>
internal abstract class SessionKey : IDisposable
{
    /// <summary>SubjectPublicKeyInfo.</summary>
    public abstract byte[] PublicKey { get; }

    public static SessionKey New() => OperatingSystem.IsWindows() ? new PrimitiveKey() : new OpenSslKey();

    /// <summary>ECDSA with SHA-256: the 64 bytes r‖s.</summary>
    public abstract byte[] Sign(ReadOnlySpan<byte> data);

    public abstract void Dispose();

    private sealed class OpenSslKey : SessionKey
    {
        private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        public override byte[] PublicKey => key.ExportSubjectPublicKeyInfo();

        public override byte[] Sign(ReadOnlySpan<byte> data)
            => key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

        public override void Dispose() => key.Dispose();
    }
}
