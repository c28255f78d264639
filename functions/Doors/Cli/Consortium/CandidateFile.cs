using System.Security.Cryptography.X509Certificates;

namespace Notary.Cli;

/// <summary>What a candidate gives to the members: his certificate's facts, an account, and the proof that he holds the certificate's key.</summary>
internal static class CandidateFile
{
    /// <summary>Bytes of a file: it has some 900.</summary>
    private const int MaxBytes = 16 * 1024;

    /// <summary>Bytes of a coordinate of P-256.</summary>
    private const int Coordinate = 32;

    private const string P256 = "1.2.840.10045.3.1.7";

    /// <summary>The facts of a certificate; account and times are still to be set.</summary>
    /// <exception cref="CliException">It is none, or not of P-256.</exception>
    public static async Task<ConsortiumCandidate> OfAsync(string name, string certificate, string root, NodeTypes nodes, CancellationToken cancel)
    {
        using var own = await CertificateAsync(certificate, cancel);
        using var top = await CertificateAsync(root, cancel);
        using var key = own.GetECDsaPublicKey() ?? throw new CliException($"{certificate} has no elliptic key");
        var (x, y) = Point(key, certificate);
        return new ConsortiumCandidate(name, Digest.Of(own.RawData), Digest.Of(top.RawData), x, y, nodes, default, 0, 0);
    }

    /// <summary>The SHA-256 of a certificate.</summary>
    public static async Task<Digest> FingerprintAsync(string path, CancellationToken cancel)
    {
        using var certificate = await CertificateAsync(path, cancel);
        return Digest.Of(certificate.RawData);
    }

    /// <summary>Signs for an account with the certificate's key, which stays in its file.</summary>
    /// <exception cref="CliException">It is another key.</exception>
    public static async Task<byte[]> ProveAsync(
        ConsortiumCandidate candidate, long chainId, Address contract, string keyPath, CancellationToken cancel)
    {
        using var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(await PartyKey.SecretAsync(keyPath, cancel));
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            throw new CliException($"{keyPath} holds no private key in PEM", e);
        }

        var (x, y) = Point(key, keyPath);
        if (!x.AsSpan().SequenceEqual(candidate.X) || !y.AsSpan().SequenceEqual(candidate.Y))
            throw new CliException($"the key in {keyPath} is not the certificate's");

        return ConsortiumContract.Lower(key.SignData(ConsortiumContract.Message(chainId, contract, candidate), HashAlgorithmName.SHA256));
    }

    public static string Write(ConsortiumCandidate candidate, byte[] proof) => new JsonObject
    {
        ["name"] = candidate.Name,
        ["certificate"] = candidate.Certificate.ToString(),
        ["root"] = candidate.Root.ToString(),
        ["x"] = Hex.Of(candidate.X),
        ["y"] = Hex.Of(candidate.Y),
        ["nodes"] = (int)candidate.Nodes,
        ["account"] = candidate.Key.ToString(),
        ["from"] = candidate.From,
        ["until"] = candidate.Until,
        ["proof"] = Hex.Of(proof),
    }.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <exception cref="CliException">It is none.</exception>
    public static async Task<(ConsortiumCandidate Candidate, byte[] Proof)> ReadAsync(string path, CancellationToken cancel)
    {
        try
        {
            var json = JsonSerializer.Deserialize<JsonElement>((await VerifyCommand.ReadAsync(path, MaxBytes, "candidate", cancel)).Span);
            var candidate = new ConsortiumCandidate(Text("name"), Digest.Parse(Text("certificate")), Digest.Parse(Text("root")),
                Hex.Bytes(Text("x"), Coordinate), Hex.Bytes(Text("y"), Coordinate), (NodeTypes)json.GetProperty("nodes").GetInt32(),
                Address.Parse(Text("account")), json.GetProperty("from").GetInt64(), json.GetProperty("until").GetInt64());
            return (candidate, Hex.Bytes(Text("proof"), 2 * Coordinate));

            string Text(string name) => json.GetProperty(name).GetString() ?? throw new FormatException(name);
        }
        catch (Exception e) when (e is JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            throw new CliException($"{path} is not what notary consortium join writes", e);
        }
    }

    private static async Task<X509Certificate2> CertificateAsync(string path, CancellationToken cancel)
    {
        var bytes = await VerifyCommand.ReadAsync(path, MaxBytes, "certificate", cancel);
        try
        {
            // Takes PEM and DER alike, and of several the first.
            return X509CertificateLoader.LoadCertificate(bytes.Span);
        }
        catch (CryptographicException e)
        {
            throw new CliException($"{path} is no certificate", e);
        }
    }

    private static (byte[] X, byte[] Y) Point(ECDsa key, string path)
        => key.ExportParameters(false) is { Curve.Oid.Value: P256, Q: { X: { Length: Coordinate } x, Y: { Length: Coordinate } y } }
            ? (x, y) : throw new CliException($"the key of {path} is not of the curve P-256");
}
