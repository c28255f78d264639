using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Notary.Recorder.Recording;

namespace Notary.Recorder.Windows;

/// <summary>A session's key by CNG's primitives (bcrypt), which keep no keys: .NET's own come from key storage (ncrypt), a service of the machine, and Wine's
/// storage has none of elliptic curves.</summary>
[SupportedOSPlatform("windows")]
internal sealed partial class PrimitiveKey : SessionKey
{
    private const int Coordinate = 32, Signature = 64;

    /// <summary>BCRYPT_ECCKEY_BLOB: magic and length, then both coordinates.</summary>
    private const int BlobHead = 8;

    // RFC 5480: SubjectPublicKeyInfo of an uncompressed point of P-256, up to the point.
    private static readonly byte[] Prefix = Convert.FromHexString("3059301306072A8648CE3D020106082A8648CE3D03010703420004");

    private readonly nint algorithm;
    private readonly nint key;

    /// <exception cref="CryptographicException">This system has no such keys.</exception>
    public unsafe PrimitiveKey()
    {
        Check(BCryptOpenAlgorithmProvider(out algorithm, "ECDSA_P256", null, 0));
        Check(BCryptGenerateKeyPair(algorithm, out key, Coordinate * 8, 0));
        Check(BCryptFinalizeKeyPair(key, 0));
        var blob = new byte[BlobHead + (2 * Coordinate)];
        fixed (byte* bytes = blob)
            Check(BCryptExportKey(key, 0, "ECCPUBLICBLOB", bytes, blob.Length, out _, 0));

        PublicKey = [.. Prefix, .. blob[BlobHead..]];
    }

    public override byte[] PublicKey { get; }

    public override unsafe byte[] Sign(ReadOnlySpan<byte> data)
    {
        var digest = SHA256.HashData(data);
        var signature = new byte[Signature];
        fixed (byte* hash = digest, bytes = signature)
            Check(BCryptSignHash(key, null, hash, digest.Length, bytes, signature.Length, out _, 0));

        return signature;
    }

    public override void Dispose()
    {
        _ = BCryptDestroyKey(key);
        _ = BCryptCloseAlgorithmProvider(algorithm, 0);
    }

    private static void Check(uint status)
    {
        if (status != 0)
            throw new CryptographicException($"bcrypt: 0x{status:x8}");
    }

    [LibraryImport("bcrypt", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint BCryptOpenAlgorithmProvider(out nint algorithm, string name, string? provider, uint flags);

    [LibraryImport("bcrypt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint BCryptCloseAlgorithmProvider(nint algorithm, uint flags);

    [LibraryImport("bcrypt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint BCryptGenerateKeyPair(nint algorithm, out nint key, int bits, uint flags);

    [LibraryImport("bcrypt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint BCryptFinalizeKeyPair(nint key, uint flags);

    [LibraryImport("bcrypt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint BCryptDestroyKey(nint key);

    [LibraryImport("bcrypt", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static unsafe partial uint BCryptExportKey(nint key, nint by, string kind, byte* blob, int length, out int written, uint flags);

    [LibraryImport("bcrypt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static unsafe partial uint BCryptSignHash(
        nint key, void* padding, byte* hash, int hashLength, byte* signature, int length, out int written, uint flags);
}
