using System.IO.Compression;

namespace Notary.Infra.Tests;

/// <summary>Looks into the compiler's executable, a .NET single-file bundle: its assemblies lie compressed behind a header.</summary>
internal static class BicepBundle
{
    // The host finds its bundle by this mark, SHA-256 of ".net core bundle"; the eight bytes before it are the header's offset.
    private static readonly byte[] Mark = Convert.FromHexString("8B1202B96A612038727B930214D7A03213F5B9E6EFAE3318EE3B2DCE24B36AAE");

    /// <summary>Tells whether an assembly of the compiler holds a text among its literals or in one of its resources.</summary>
    public static Func<string, bool> Texts(string assembly)
    {
        var bundle = File.ReadAllBytes(Bicep.Tool);
        var mark = bundle.AsSpan().IndexOf(Mark);
        using var reader = new BinaryReader(new MemoryStream(bundle) { Position = BitConverter.ToInt64(bundle, mark - sizeof(long)) });

        // Version 6 (since .NET 6): version, number of files, id, places of two JSON files, flags.
        Assert.AreEqual(6ul, reader.ReadUInt64() & uint.MaxValue);
        var files = reader.ReadInt32();
        reader.ReadString();
        reader.ReadBytes(5 * sizeof(long));
        for (var i = 0; i < files; i++)
        {
            var (offset, size, packed) = (reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64());
            reader.ReadByte();
            if (reader.ReadString() == assembly)
            {
                var bytes = new byte[size];
                using var plain = new DeflateStream(new MemoryStream(bundle, (int)offset, (int)packed), CompressionMode.Decompress);
                plain.ReadExactly(bytes);
                return text => bytes.AsSpan().IndexOf(Encoding.Unicode.GetBytes(text)) >= 0 || bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;
            }
        }

        throw new InvalidOperationException($"the compiler has no {assembly}");
    }
}
