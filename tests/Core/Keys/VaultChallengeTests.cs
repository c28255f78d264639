namespace Notary.Keys.Tests;

[TestClass]
public sealed class VaultChallengeTests
{
    private static readonly Uri Vault = new("https://name.vault.azure.net/");

    [TestMethod]
    [DataRow("Bearer authorization=\"https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47\", resource=\"https://vault.azure.net\"",
        "https://vault.azure.net/.default", "72f988bf-86f1-41af-91ab-2d7cd011db47")]
    [DataRow("Bearer authorization_uri=\"https://login.microsoftonline.com/t\" scope=\"https://vault.azure.net/.default\"",
        "https://vault.azure.net/.default", "t")]
    [DataRow("bearer resource=\"https://VAULT.azure.net\"", "https://VAULT.azure.net/.default", null)]
    public void A_challenge_gives_scope_and_tenant(string header, string scope, string? tenant)
    {
        Assert.IsTrue(VaultChallenge.TryParse(header, Vault, out var challenge));
        Assert.AreEqual(new VaultChallenge(scope, tenant), challenge);
    }

    [TestMethod]
    [DataRow("Bearer resource=\"https://azure.net.example.org\"")]
    [DataRow("Bearer resource=\"https://evilvault.azure.net\"")]
    [DataRow("Bearer scope=\"https://graph.microsoft.com/.default\"")]
    public void A_challenge_for_another_domain_gets_no_token(string header)
        => Assert.ThrowsExactly<InvalidOperationException>(() => VaultChallenge.TryParse(header, Vault, out _));

    [TestMethod]
    [DataRow(null)]
    [DataRow("")]
    [DataRow("Basic realm=\"x\"")]
    [DataRow("Bearer")]
    [DataRow("Bearer authorization=\"https://login/t\"")]
    [DataRow("Bearer resource=\"vault\"")]
    public void What_is_not_a_challenge_is_left_alone(string? header)
        => Assert.IsFalse(VaultChallenge.TryParse(header, Vault, out _));
}
