using System.Security.Cryptography.X509Certificates;

namespace Notary.Host.Tests;

[TestClass]
public sealed class SettingsTests
{
    [TestMethod]
    public void ACompleteSetIsRead()
    {
        var settings = HostSettings.Read(Complete());
        Assert.HasCount(2, settings.Time.Authorities);
        Assert.AreEqual("letter-signer", settings.Vault.LetterKey);
        Assert.AreEqual(12, settings.Chain.Confirmations);
        Assert.HasCount(2, settings.Chain.RpcUrls);
        Assert.IsFalse(settings.Listen.UnderFunctions);
        Assert.AreEqual(0, settings.Listen.Port);
        Assert.IsNull(settings.Otlp);
    }

    [TestMethod]
    public void EveryNeededSettingIsMissedByItsName()
    {
        foreach (var setting in Settings.All.Where(s => s.Need == Need.Always))
        {
            var variables = Complete();
            variables.Remove(setting.Name.Replace("{n}", "0", StringComparison.Ordinal));
            var wrong = Assert.ThrowsExactly<SettingException>(() => HostSettings.Read(variables), setting.Name);
            StringAssert.StartsWith(wrong.Message, setting.Name.Replace("{n}", "0", StringComparison.Ordinal));
            StringAssert.Contains(wrong.Message, setting.Unit);
        }
    }

    [TestMethod]
    [DataRow("EvidenceStorage", "no connection string")]
    [DataRow("EvidenceStorage", null)]
    [DataRow("Notary__Vault__Uri", "http://vault.example/")]
    [DataRow("Notary__Vault__Uri", "https://user:secret@vault.example/")]
    [DataRow("Notary__Vault__LogKey", "log/signer")]
    [DataRow("Notary__Time__Authorities__1__Url", "ftp://tsa.example/")]
    [DataRow("Notary__Time__Authorities__1__Name", "one")]
    [DataRow("Notary__Time__Authorities__0__RootPem", "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----")]
    [DataRow("Notary__Time__Authorities__0__PolicyOid", "1.2.x")]
    [DataRow("Notary__Time__TimeoutSeconds", "0")]
    [DataRow("Notary__Chain__ChainId", "-1")]
    [DataRow("Notary__Chain__RpcUrls", "http://127.0.0.1:1 nonsense")]
    [DataRow("Notary__Chain__Contract", "0x12")]
    [DataRow("Notary__Chain__Confirmations", "65")]
    [DataRow("Notary__PublicUrl", "http://notary.example/")]
    [DataRow("Notary__PublicUrl", "https://notary.example/path")]
    [DataRow("Notary__Log__Origin", "two words")]
    [DataRow("Notary__Operator__KeyHash", "ABCD")]
    [DataRow("Notary__RateLimits__TenantPerSecond", "1e3")]
    [DataRow("Notary__Housekeeping__UploadDays", "0")]
    [DataRow("Notary__Housekeeping__ProcessDays", "1")]
    [DataRow("Notary__Housekeeping__PartialTileDays", "forever")]
    [DataRow("Notary__LogLevel", "chatty")]
    [DataRow("NOTARY_PORT", "65536")]
    public void AWrongValueIsNamedAndNotRepeated(string name, string? value)
    {
        var variables = Complete();
        variables[name] = value;
        var wrong = Assert.ThrowsExactly<SettingException>(() => HostSettings.Read(variables));
        Assert.AreEqual(name, wrong.Setting);
        if (value is { Length: > 4 })
            Assert.DoesNotContain(value, wrong.Message);
    }

    [TestMethod]
    public void AFixedVaultTokenIsForLoopbackOnly()
    {
        var variables = Complete();
        variables["Notary__Vault__Uri"] = "https://vault.example/";
        Assert.AreEqual("Notary__Vault__DevToken", Assert.ThrowsExactly<SettingException>(() => HostSettings.Read(variables)).Setting);
    }

    [TestMethod]
    public void TwoAuthoritiesUnderOneRootAreOne()
    {
        var variables = Complete();
        variables["Notary__Time__Authorities__1__RootPem"] = variables["Notary__Time__Authorities__0__RootPem"];
        Assert.AreEqual("Notary__Time__Authorities__1__RootPem", Assert.ThrowsExactly<SettingException>(() => HostSettings.Read(variables)).Setting);
    }

    [TestMethod]
    public void StaffNeedTheWholeProviderOrNone()
    {
        Assert.IsNull(HostSettings.Read(Complete()).Staff);
        var variables = Complete();
        variables["Notary__Staff__Issuer"] = "https://login.example/v2.0";
        foreach (var name in new[] { "Notary__Staff__ClientId", "Notary__Staff__ClientSecret" })
        {
            Assert.AreEqual(name, Assert.ThrowsExactly<SettingException>(() => HostSettings.Read(variables)).Setting);
            variables[name] = "notary";
        }

        Assert.AreEqual("roles", HostSettings.Read(variables).Staff!.RoleClaim);
        variables["Notary__Staff__Issuer"] = "http://login.example/v2.0";
        Assert.AreEqual("Notary__Staff__Issuer", Assert.ThrowsExactly<SettingException>(() => HostSettings.Read(variables)).Setting);
    }

    [TestMethod]
    public void TheListHoldsEverySettingOnce()
    {
        var fields = typeof(Settings).GetFields().Where(f => f.FieldType == typeof(Setting)).Select(f => (Setting)f.GetValue(null)!).ToList();
        CollectionAssert.AreEquivalent(fields, Settings.All.ToList());
        Assert.HasCount(Settings.All.Count, Settings.All.Select(s => s.Name).Distinct());
        Assert.IsTrue(Settings.All.All(s => s.Unit.Length > 0 && s.Breaks.Length > 0));
    }

    /// <summary>A set that passes; nothing listens at these addresses.</summary>
    internal static Dictionary<string, string?> Complete()
    {
        var (pem, other) = (SelfSigned(), SelfSigned());
        return new Dictionary<string, string?>
        {
            ["EvidenceStorage"] =
                "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=AAAA;BlobEndpoint=http://127.0.0.1:1/a;"
                    + "QueueEndpoint=http://127.0.0.1:1/a;TableEndpoint=http://127.0.0.1:1/a;",
            ["Notary__Vault__Uri"] = "http://127.0.0.1:1/",
            ["Notary__Vault__DevToken"] = "local",
            ["Notary__Time__Authorities__0__Name"] = "one",
            ["Notary__Time__Authorities__0__LegalName"] = "Authority One",
            ["Notary__Time__Authorities__0__Url"] = "http://127.0.0.1:1/",
            ["Notary__Time__Authorities__0__RootPem"] = pem,
            ["Notary__Time__Authorities__1__Name"] = "two",
            ["Notary__Time__Authorities__1__LegalName"] = "Authority Two",
            ["Notary__Time__Authorities__1__Url"] = "http://127.0.0.1:1/",
            ["Notary__Time__Authorities__1__RootPem"] = other.ReplaceLineEndings("\\n"),
            ["Notary__Chain__RpcUrls"] = "http://127.0.0.1:1/ http://127.0.0.1:2/",
            ["Notary__Chain__ChainId"] = "31337",
            ["Notary__Chain__Contract"] = "0x5FbDB2315678afecb367f032d93F642f64180aa3",
            ["Notary__Chain__Name"] = "测试链",
            ["Notary__Chain__Operator"] = "Chain Operator",
            ["Notary__Letters__CertificateChainPem"] = pem,
            ["Notary__Office__Name"] = "测试公证处",
            ["Notary__Office__ShortName"] = "测试",
            ["Notary__Office__Address"] = "测试路 1 号",
            ["Notary__Platform__Operator"] = "Platform Operator",
            ["Notary__PublicUrl"] = "http://127.0.0.1:8080/",
            ["Notary__Log__Origin"] = "notary.example/log",
            ["Notary__Operator__KeyHash"] = Convert.ToHexStringLower(SHA256.HashData("operator"u8)),
            ["NOTARY_PORT"] = "0",
        };
    }

    private static string SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2046, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return certificate.ExportCertificatePem();
    }
}
