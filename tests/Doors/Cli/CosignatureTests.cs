namespace Notary.Cli.Tests;

/// <summary>Keys and cosignatures against published ones and against OpenSSL.</summary>
[TestClass]
public sealed class CosignatureTests
{
    private const string Remora = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2";
    private const string Arche = "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f";

    /// <summary>A checkpoint of a public log as it was published, with a signature of its own and four witnesses' cosignatures.</summary>
    private const string Published = """
        arche2025h1.staging.ct.transparency.dev
        1432088532
        U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

        — arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
        — transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
        — witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==
        — remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
        — witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==

        """;

    [TestMethod]
    public async Task A_published_checkpoint_is_signed_by_its_log_and_cosigned_by_its_witness()
    {
        var (log, witness) = (VerifierKey.Parse(Arche), VerifierKey.Parse(Remora));
        Assert.AreEqual(1432088532, Checkpoint.Parse(Curve.SignedBy(log, Published)!).Size);
        Assert.AreEqual(0x6a122120, Curve.CosignedBy(witness, Published));
        await OpensslAsync(witness, Published);

        var changed = Published.Replace("1432088532", "1432088533", StringComparison.Ordinal);
        Assert.IsNull(Curve.SignedBy(log, changed));
        Assert.IsNull(Curve.CosignedBy(witness, changed));
        Assert.IsNull(Curve.CosignedBy(witness, Published.Replace("2net5wAAAABqEiEg", "2net5wAAAABqEiEh", StringComparison.Ordinal)), "another time");

        // A log's key is no witness's, and the other way round, whatever the curve says.
        Assert.IsNull(Curve.CosignedBy(log, Published));
        Assert.IsNull(Curve.SignedBy(witness, Published));
    }

    [TestMethod]
    [DataRow(Remora, VerifierKey.CosignatureV1)]
    [DataRow(Arche, VerifierKey.Ed25519)]
    [DataRow("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", VerifierKey.Ed25519)]
    [DataRow("rekor.sigstore.dev+c0d23d6a+"
        + "AjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNhtmPtrWm3U1eQXBogSMdGvXwBcK5AW5i0hrZLOC96l+smGNM7nwZ4QvFK/4sueRoVj//QP22Ni4Qt9DPfkWLc=",
        VerifierKey.Ecdsa)]
    public void Published_keys_read_and_spell_as_they_were(string line, byte type)
    {
        var key = VerifierKey.Parse(line);
        Assert.AreEqual(type, key.Type);
        Assert.AreEqual(line, key.ToString());
    }

    [TestMethod]
    [DataRow("bananas.sigstore.dev+12344556")]
    [DataRow("remora.n621.de+da77ade8+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2")]
    [DataRow("remora.n621.de+DA77ADE7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2")]
    [DataRow("remora.n622.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2")]
    [DataRow("remora.n621.de+da77ade7+BevN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2")]
    [DataRow("rekor.sigstore.dev+12345678+AwEB")]
    [DataRow("rekor.sigstore.dev+12345678+AgEB")]
    [DataRow("")]
    public void Other_keys_are_refused(string line) => Assert.ThrowsExactly<FaultException>(() => VerifierKey.Parse(line));

    /// <summary>RFC 8032 §7.1, tests 1 and 3.</summary>
    [TestMethod]
    [DataRow("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [DataRow("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]
    public void The_curve_is_the_standards(string seed, string key, string message, string signature)
    {
        var (secret, text, signed) = (Convert.FromHexString(seed), Convert.FromHexString(message), Convert.FromHexString(signature));
        Assert.AreEqual(key, Convert.ToHexStringLower(Curve.PublicOf(secret)));
        Assert.AreEqual(signature, Convert.ToHexStringLower(Curve.Sign(secret, text)));
        Assert.IsTrue(Curve.Verify(Convert.FromHexString(key), text, signed));
        Assert.IsFalse(Curve.Verify(Convert.FromHexString(key), [.. text, 0], signed));
    }

    /// <summary>An implementation that shares nothing with ours: the message is put together here, the signature is judged by OpenSSL.</summary>
    internal static async Task OpensslAsync(VerifierKey witness, string note)
    {
        var line = note.Split('\n').Last(one => one.StartsWith($"— {witness.Name} ", StringComparison.Ordinal));
        var bytes = Convert.FromBase64String(line[(line.LastIndexOf(' ') + 1)..]);
        Assert.HasCount(76, bytes);
        var seconds = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(4));
        var folder = Directory.CreateTempSubdirectory("notary-cosignature-").FullName;
        try
        {
            string At(string name) => Path.Combine(folder, name);
            await File.WriteAllTextAsync(At("message"), $"cosignature/v1\ntime {seconds}\n{note[..(note.IndexOf("\n\n", StringComparison.Ordinal) + 1)]}");
            await File.WriteAllBytesAsync(At("signature"), bytes[12..]);

            // RFC 8410 §4: the SubjectPublicKeyInfo of Ed25519 is these twelve bytes and the key.
            await File.WriteAllBytesAsync(At("key"), [.. Convert.FromHexString("302a300506032b6570032100"), .. witness.Key]);
            using var openssl = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("openssl",
                ["pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", At("key"), "-in", At("message"), "-sigfile", At("signature")])
            { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var said = await openssl.StandardOutput.ReadToEndAsync() + await openssl.StandardError.ReadToEndAsync();
            await openssl.WaitForExitAsync();
            Assert.AreEqual(0, openssl.ExitCode, said);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
