using System.Runtime.InteropServices;

namespace Notary.Storage;

/// <summary>The blocks of SHA-256 by the machine's libcrypto, whose low-level interface keeps its state in a structure of the caller's.</summary>
/// <remarks>
/// SHA256_Update and SHA256_CTX are deprecated since OpenSSL 3.0 and have been the same since 0.9.8. A library without them, or that does not agree with
/// our own code over a few blocks, is not used: then hashing is slower and no digest is another.
/// </remarks>
internal static class NativeSha256
{
    /// <summary>As .NET itself loads it on Linux.</summary>
    private const string Library = "libcrypto.so.3";

    /// <summary>Words of SHA256_CTX: h[8], Nl, Nh, data[16], num, md_len; and as many again, should it ever grow.</summary>
    private const int ContextWords = 56, StateWords = 8, LengthWord = 27;

    private const uint DigestBytes = 32;

    private static readonly Update? Call = Find();

    private delegate int Update(ref uint context, ref byte data, nuint count);

    /// <summary>Whether it is there and was seen to agree.</summary>
    public static bool IsTrusted => Call is not null;

    /// <summary>Whole blocks.</summary>
    public static void Compress(Span<uint> state, ReadOnlySpan<byte> blocks) => Compress(Call!, state, blocks);

    private static void Compress(Update call, Span<uint> state, ReadOnlySpan<byte> blocks)
    {
        if (blocks.IsEmpty)
            return;

        // The lengths it counts are of no use: padding is done by the caller.
        var context = new uint[ContextWords];
        state.CopyTo(context);
        context[LengthWord] = DigestBytes;
        if (call(ref context[0], ref MemoryMarshal.GetReference(blocks), (nuint)blocks.Length) != 1)
            throw new CryptographicException("libcrypto did not hash");

        context.AsSpan(0, StateWords).CopyTo(state);
    }

    private static Update? Find()
    {
        if (!NativeLibrary.TryLoad(Library, typeof(NativeSha256).Assembly, DllImportSearchPath.SafeDirectories, out var library)
            || !NativeLibrary.TryGetExport(library, "SHA256_Update", out var address))
            return null;

        var call = Marshal.GetDelegateForFunctionPointer<Update>(address);
        Span<byte> sample = stackalloc byte[5 * SuspendableSha256.BlockBytes];
        for (var i = 0; i < sample.Length; i++)
            sample[i] = (byte)((i * 167) + 13);

        Span<uint> own = [1, 2, 3, 4, 5, 6, 7, 8], theirs = [1, 2, 3, 4, 5, 6, 7, 8];
        SuspendableSha256.CompressHere(own, sample);
        Compress(call, theirs, sample[..SuspendableSha256.BlockBytes]);
        Compress(call, theirs, sample[SuspendableSha256.BlockBytes..]);
        return own.SequenceEqual(theirs) ? call : null;
    }
}
