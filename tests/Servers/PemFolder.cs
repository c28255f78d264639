namespace Notary.Servers;

/// <summary>Certificates and their private keys as PEM files, <c>NAME.crt</c> and <c>NAME.key</c>, so that a restart finds the same identities.</summary>
internal static class PemFolder
{
    /// <summary>The kept certificate with its key, or a new one that is kept from now on.</summary>
    public static X509Certificate2 Open(string? folder, string name, Func<X509Certificate2> create)
    {
        if (Find(folder, name) is { HasPrivateKey: true } kept)
            return kept;

        var created = create();
        Save(folder, name, created);
        return created;
    }

    public static X509Certificate2? Find(string? folder, string name)
    {
        if (folder is null || !File.Exists(Path.Combine(folder, name + ".crt")))
            return null;

        var certificate = Path.Combine(folder, name + ".crt");
        var key = Path.Combine(folder, name + ".key");
        return File.Exists(key) ? X509Certificate2.CreateFromPemFile(certificate, key) : X509CertificateLoader.LoadCertificateFromFile(certificate);
    }

    public static void Save(string? folder, string name, X509Certificate2 certificate)
    {
        if (folder is null)
            return;

        Directory.CreateDirectory(folder);
        using AsymmetricAlgorithm? key = certificate.HasPrivateKey
            ? (AsymmetricAlgorithm?)certificate.GetRSAPrivateKey() ?? certificate.GetECDsaPrivateKey() : null;
        if (key is not null)
            Write(Path.Combine(folder, name + ".key"), key.ExportPkcs8PrivateKeyPem());

        // Last: a crash in between leaves a key without certificate, which counts as nothing kept.
        Write(Path.Combine(folder, name + ".crt"), certificate.ExportCertificatePem());
    }

    private static void Write(string path, string pem)
    {
        var half = path + ".tmp";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        using (var writer = new StreamWriter(half, options))
        {
            writer.WriteLine(pem);
        }

        File.Move(half, path, overwrite: true);
    }
}
