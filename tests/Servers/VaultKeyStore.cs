namespace Notary.Servers;

/// <summary>The software keys of <see cref="VaultServer"/>: every version of every key, kept as PKCS#8 files when there is a folder.</summary>
internal sealed class VaultKeyStore
{
    private readonly string? folder;
    private readonly Lock gate = new();
    private readonly Dictionary<string, List<VaultKey>> keys = new(StringComparer.Ordinal);

    public VaultKeyStore(string? folder)
    {
        this.folder = folder;
        if (folder is null)
            return;

        Directory.CreateDirectory(folder);
        foreach (var file in Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal))
            Keep(VaultKey.Load(JsonNode.Parse(File.ReadAllText(file))!.AsObject()));
    }

    public VaultKey Create(string name, JsonObject request, DateTimeOffset now)
    {
        var key = VaultKey.Create(name, request, now);
        lock (gate)
        {
            if (folder is not null)
            {
                // The file's name sorts by time of creation, so that the newest version is the last one loaded.
                var path = Path.Combine(folder, $"{now.ToUnixTimeMilliseconds():D15}-{name}-{key.Version}.json");
                File.WriteAllText(path + ".tmp", key.Save().ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
                File.Move(path + ".tmp", path);
            }

            Keep(key);
        }

        return key;
    }

    public VaultKey? Find(string name, string? version)
    {
        lock (gate)
        {
            return keys.TryGetValue(name, out var versions) ? version is null ? versions[^1] : versions.Find(key => key.Version == version) : null;
        }
    }

    private void Keep(VaultKey key)
    {
        if (!keys.TryGetValue(key.Name, out var versions))
            keys[key.Name] = versions = [];

        versions.Add(key);
    }
}

/// <summary>One version of a software key.</summary>
internal sealed class VaultKey
{
    private readonly AsymmetricAlgorithm key;
    private readonly string? curve;
    private readonly long created;

    private VaultKey(string name, string version, AsymmetricAlgorithm key, string? curve, long created)
    {
        Name = name;
        Version = version;
        this.key = key;
        this.curve = curve;
        this.created = created;
    }

    public string Name { get; }

    public string Version { get; }

    /// <exception cref="ArgumentException">A key type, size or curve that this vault does not make.</exception>
    public static VaultKey Create(string name, JsonObject request, DateTimeOffset now)
    {
        var curve = (string?)request["crv"];
        AsymmetricAlgorithm key = ((string?)request["kty"], curve, (int?)request["key_size"]) switch
        {
            ("EC", "P-256" or "P-256K", _) => ECDsa.Create(Curve(curve!)),
            ("RSA", null, null) => RSA.Create(2048),
            ("RSA", null, 2048 or 3072 or 4096) => RSA.Create((int)request["key_size"]!),
            _ => throw new ArgumentException("kty, crv or key_size is not supported"),
        };
        return new(name, Guid.NewGuid().ToString("N"), key, curve, now.ToUnixTimeSeconds());
    }

    public static VaultKey Load(JsonObject saved)
    {
        var curve = (string?)saved["crv"];
        AsymmetricAlgorithm key = curve is null ? RSA.Create() : ECDsa.Create();
        key.ImportPkcs8PrivateKey(Convert.FromBase64String((string)saved["pkcs8"]!), out _);
        return new((string)saved["name"]!, (string)saved["version"]!, key, curve, (long)saved["created"]!);
    }

    public JsonObject Save()
        => new()
        {
            ["name"] = Name,
            ["version"] = Version,
            ["crv"] = curve,
            ["created"] = created,
            ["pkcs8"] = Convert.ToBase64String(key.ExportPkcs8PrivateKey())
        };

    /// <summary>A key bundle, with the public half as a JWK.</summary>
    public JsonObject Describe(Uri vault)
    {
        var jwk = new JsonObject { ["kid"] = Id(vault), ["kty"] = curve is null ? "RSA" : "EC" };
        if (key is ECDsa ec)
        {
            var point = ec.ExportParameters(false).Q;
            jwk["crv"] = curve;
            jwk["x"] = Text(point.X!);
            jwk["y"] = Text(point.Y!);
            jwk["key_ops"] = new JsonArray("sign", "verify");
        }
        else
        {
            var parameters = ((RSA)key).ExportParameters(false);
            jwk["n"] = Text(parameters.Modulus!);
            jwk["e"] = Text(parameters.Exponent!);
            jwk["key_ops"] = new JsonArray("sign", "verify", "wrapKey", "unwrapKey");
        }

        return new()
        {
            ["key"] = jwk,
            ["attributes"] = new JsonObject { ["enabled"] = true, ["created"] = created, ["updated"] = created, ["recoveryLevel"] = "Recoverable+Purgeable" },
        };
    }

    public string Id(Uri vault) => $"{vault}keys/{Name}/{Version}";

    /// <summary>sign, verify, wrapkey or unwrapkey, as the REST reference shapes them.</summary>
    /// <exception cref="ArgumentException">An algorithm that does not fit the key.</exception>
    public JsonObject Operate(Uri vault, string operation, JsonObject request)
    {
        var algorithm = (string?)request["alg"] ?? "";
        if (operation == "verify")
            return new() { ["value"] = Verify(algorithm, Bytes(request["digest"]), Bytes(request["value"])) };

        var value = Bytes(request["value"]);
        var result = (operation, algorithm, key) switch
        {
            ("sign", "ES256", ECDsa ec) when curve == "P-256" && value.Length == 32 => SignHash(ec, value),
            ("sign", "ES256K", ECDsa ec) when curve == "P-256K" && value.Length == 32 => SignHash(ec, value),
            ("sign", "RS256", RSA rsa) => rsa.SignHash(value, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            ("sign", "PS256", RSA rsa) => rsa.SignHash(value, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
            ("wrapkey", "RSA-OAEP-256", RSA rsa) => rsa.Encrypt(value, RSAEncryptionPadding.OaepSHA256),
            ("unwrapkey", "RSA-OAEP-256", RSA rsa) => rsa.Decrypt(value, RSAEncryptionPadding.OaepSHA256),
            _ => throw new ArgumentException($"the key does not {operation} with {algorithm}"),
        };
        return new() { ["kid"] = Id(vault), ["value"] = Text(result) };
    }

    private static ECCurve Curve(string name) => name == "P-256" ? ECCurve.NamedCurves.nistP256 : ECCurve.CreateFromValue("1.3.132.0.10");

    private static byte[] SignHash(ECDsa ec, byte[] digest)
    {
        // One key serves many requests at once, and ECDsa promises nothing about threads.
        lock (ec)
        {
            return ec.SignHash(digest, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
    }

    private static byte[] Bytes(JsonNode? value)
    {
        try
        {
            return System.Buffers.Text.Base64Url.DecodeFromChars((string?)value ?? "");
        }
        catch (FormatException malformed)
        {
            throw new ArgumentException("value is not base64url", malformed);
        }
    }

    private static string Text(byte[] value) => System.Buffers.Text.Base64Url.EncodeToString(value);

    private bool Verify(string algorithm, byte[] digest, byte[] signature)
        => (algorithm, key) switch
        {
            ("ES256" or "ES256K", ECDsa ec) => ec.VerifyHash(digest, signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
            ("RS256", RSA rsa) => rsa.VerifyHash(digest, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            ("PS256", RSA rsa) => rsa.VerifyHash(digest, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
            _ => throw new ArgumentException($"the key does not verify {algorithm}"),
        };
}
