using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Notary.Keys;

namespace Notary.Identity.Signing;

/// <summary>ASP.NET's data protection with its keys in blobs, wrapped by the vault, the same on every instance.</summary>
public static class DataProtection
{
    // Part of what protects each value: changed, every cookie is void.
    private const string ApplicationName = "notary";

    /// <summary>Registers it. Keys are read at the first use and a new one made every ninety days.</summary>
    public static void Add(IServiceCollection services, StorageAccount storage, VaultKeyEncryption vault)
    {
        services.AddSingleton(vault);
        services.AddDataProtection().SetApplicationName(ApplicationName).AddKeyManagementOptions(keys =>
        {
            keys.XmlRepository = new BlobKeys(storage.Container(Names.Identity));
            keys.XmlEncryptor = new VaultXmlEncryptor(vault);
        });
    }

    /// <summary>One blob a key: two instances that make one at once lose none.</summary>
    private sealed class BlobKeys(BlobContainerClient container) : IXmlRepository
    {
        // A key in three months: this is decades, and bounds what somebody who can write blobs makes us read.
        private const int MaxKeys = 200;

        public IReadOnlyCollection<XElement> GetAllElements()
            => [.. container.GetBlobs(Azure.Storage.Blobs.Models.BlobTraits.None, Azure.Storage.Blobs.Models.BlobStates.None, Names.ProtectionPrefix, default)
                .Take(MaxKeys).Select(blob => XElement.Parse(container.GetBlobClient(blob.Name).DownloadContent().Value.Content.ToString()))];

        public void StoreElement(XElement element, string friendlyName)
            => container.GetBlobClient($"{Names.ProtectionPrefix}{Guid.NewGuid():N}.xml")
                .Upload(BinaryData.FromString(element.ToString(SaveOptions.DisableFormatting)));
    }
}

/// <summary>Encrypts a data-protection key with AES-256-GCM under a key of its own, which the vault's key wraps.</summary>
internal sealed class VaultXmlEncryptor(VaultKeyEncryption vault) : IXmlEncryptor
{
    internal const int KeySize = 32;
    internal static readonly int NonceSize = AesGcm.NonceByteSizes.MaxSize;
    internal static readonly int TagSize = AesGcm.TagByteSizes.MaxSize;

    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var plain = Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
        var (key, nonce) = (RandomNumberGenerator.GetBytes(KeySize), RandomNumberGenerator.GetBytes(NonceSize));
        var (cipher, tag) = (new byte[plain.Length], new byte[TagSize]);
        using var aes = new AesGcm(key, TagSize);
        aes.Encrypt(nonce, plain, cipher, tag);
        return new EncryptedXmlInfo(
            new XElement("wrapped",
                new XAttribute("key", vault.KeyId),
                new XElement("dataKey", Convert.ToBase64String(vault.WrapKey(VaultKeyEncryption.Algorithm, key))),
                new XElement("nonce", Convert.ToBase64String(nonce)),
                new XElement("tag", Convert.ToBase64String(tag)),
                new XElement("value", Convert.ToBase64String(cipher))),
            typeof(VaultXmlDecryptor));
    }
}

/// <summary>Undoes <see cref="VaultXmlEncryptor"/>; found by its name in the key's XML, so it must keep it.</summary>
internal sealed class VaultXmlDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement)
    {
        var vault = services.GetRequiredService<VaultKeyEncryption>().Resolve((string)encryptedElement.Attribute("key")!);
        var key = vault.UnwrapKey(VaultKeyEncryption.Algorithm, Bytes(encryptedElement, "dataKey"));
        var cipher = Bytes(encryptedElement, "value");
        var plain = new byte[cipher.Length];
        using var aes = new AesGcm(key, VaultXmlEncryptor.TagSize);
        aes.Decrypt(Bytes(encryptedElement, "nonce"), cipher, Bytes(encryptedElement, "tag"), plain);
        return XElement.Parse(Encoding.UTF8.GetString(plain));
    }

    private static byte[] Bytes(XElement element, string name) => Convert.FromBase64String((string)element.Element(name)!);
}
