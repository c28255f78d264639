using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Notary.Identity.Signing;
using Notary.Keys;

namespace Notary.Identity.Tests.Provider;

[TestClass]
public sealed class SigningTests
{
    private static readonly DateTimeOffset Day = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    [TestMethod]
    [DataRow(0, "a", "a")]
    [DataRow(61, "a", "a b")] // Seen, and announced.
    [DataRow(74, "a", "a b")]
    [DataRow(75, "b", "a b")] // Signs after a quarter of an hour.
    [DataRow(75 + (24 * 60) - 1, "b", "a b")]
    [DataRow(75 + (24 * 60), "b", "b")]
    public void AKeyIsAnnouncedThenSignsThenOverlaps(int minutes, string signs, string published)
    {
        var keys = new List<SeenKey> { new("a", Day) };
        if (minutes >= 60)
            keys.Add(new("b", Day.AddMinutes(60)));

        var (active, all) = SigningSchedule.At(keys, Day.AddMinutes(minutes));
        Assert.AreEqual(signs, active.Version);
        Assert.AreEqual(published, string.Join(' ', all.Select(k => k.Version)));
    }

    [TestMethod]
    public async Task ARotationIsFeltByAllInstancesAndInterruptsNobody()
    {
        await using var bed = await LoginBed.StartAsync();
        await using var other = bed.NewCentre();
        using var browser = new Browser(bed);
        using var rp = new RelyingParty(bed, await bed.RegisterAsync());
        browser.SignIn(bed);
        var old = (await rp.TokensAsync(browser)).GetProperty("access_token").GetString()!;
        Assert.IsNotNull(await other.FindCallerAsync(old, null, CancellationToken.None));
        var kid = KidOf(old);

        var next = (await bed.Keys.CreateEcKeyAsync(LoginBed.SigningKey, KeyCurveName.P256)).Value.Version;
        bed.Clock.Advance(SigningRing.RefreshTime);
        CollectionAssert.AreEqual(new[] { kid, next }, await KidsAsync(browser), "announced");
        Assert.AreEqual(kid, KidOf((await rp.TokensAsync(browser)).GetProperty("access_token").GetString()!));

        bed.Clock.Advance(SigningSchedule.Announce);
        CollectionAssert.AreEqual(new[] { next, kid }, await KidsAsync(browser), "in use");
        var tokens = await rp.TokensAsync(browser);
        Assert.AreEqual(next, KidOf(tokens.GetProperty("access_token").GetString()!));
        Assert.AreEqual(next, KidOf(tokens.GetProperty("id_token").GetString()!));
        Assert.IsNotNull(await other.FindCallerAsync(tokens.GetProperty("access_token").GetString()!, null, CancellationToken.None));

        bed.Clock.Advance(SigningSchedule.Overlap);
        CollectionAssert.AreEqual(new[] { next }, await KidsAsync(browser), "alone");
    }

    [TestMethod]
    public async Task AKeyThatTheVaultGivesNoMoreIsOutOfUseAtOnce()
    {
        await using var bed = await LoginBed.StartAsync();
        var record = bed.Storage.Container(Names.Identity).GetBlobClient(Names.SigningKeysBlob(LoginBed.SigningKey));
        await record.UploadAsync(BinaryData.FromObjectAsJson(new[] { new SeenKey("00000000000000000000000000000bad", Day) }));
        using var browser = new Browser(bed);
        var kids = await KidsAsync(browser);
        Assert.AreEqual((await bed.Keys.GetKeyAsync(LoginBed.SigningKey)).Value.Version, kids.Single());
    }

    [TestMethod]
    public async Task AVaultThatSignsWronglyOrNotAtAllGivesNoToken()
    {
        await using var bed = await LoginBed.StartAsync();
        using var browser = new Browser(bed);
        using var rp = new RelyingParty(bed, await bed.RegisterAsync());
        browser.SignIn(bed);
        foreach (var fault in new[] { VaultFault.WrongKey, VaultFault.Forbidden403 })
        {
            var code = await rp.CodeAsync(browser);
            bed.Vault.Misbehave(fault);
            var answer = await rp.RedeemAsync(code);
            bed.Vault.Misbehave(VaultFault.None);
            Assert.AreEqual(503, answer.Status, answer.Text);
            Assert.DoesNotContain("ey", answer.Text);
        }

        Assert.IsTrue((await rp.TokensAsync(browser)).TryGetProperty("id_token", out _), "and works again");
    }

    [TestMethod]
    public async Task SubjectsOutliveTheProcess()
    {
        await using var bed = await LoginBed.StartAsync();
        var wrap = await VaultKeyEncryption.OpenAsync(bed.Keys, LoginBed.WrapKey);
        var blob = bed.Storage.Container(Names.Identity).GetBlobClient(Names.LoginSecretsBlob);
        var several = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => LoginSecrets.OpenAsync(blob, wrap, CancellationToken.None)));
        Assert.AreEqual(1, several.Select(s => s.SubjectFor("c", "p")).Distinct().Count(), "whoever comes first decides");
        Assert.AreNotEqual(several[0].SubjectFor("c", "p"), several[0].SubjectFor("d", "p"));

        // The vault's key may be rotated: what an earlier version wrapped stays readable.
        await bed.Keys.CreateRsaKeyAsync(LoginBed.WrapKey, 3072);
        var later = await LoginSecrets.OpenAsync(blob, await VaultKeyEncryption.OpenAsync(bed.Keys, LoginBed.WrapKey), CancellationToken.None);
        Assert.AreEqual(several[0].SubjectFor("c", "p"), later.SubjectFor("c", "p"));
    }

    [TestMethod]
    public async Task ProtectedDataIsReadByEveryInstanceAndItsKeysByNobody()
    {
        await using var bed = await LoginBed.StartAsync();
        var wrap = await VaultKeyEncryption.OpenAsync(bed.Keys, LoginBed.WrapKey);
        using var one = Protection(bed, wrap);
        using var two = Protection(bed, wrap);
        var secret = one.GetRequiredService<IDataProtectionProvider>().CreateProtector("p").Protect("value");
        Assert.AreEqual("value", two.GetRequiredService<IDataProtectionProvider>().CreateProtector("p").Unprotect(secret));
        Assert.IsGreaterThan(0, bed.Vault.Calls("unwrapkey"));

        var container = bed.Storage.Container(Names.Identity);
        var blobs = container.GetBlobs().Where(b => b.Name.StartsWith(Names.ProtectionPrefix, StringComparison.Ordinal)).ToList();
        Assert.IsNotEmpty(blobs);
        foreach (var blob in blobs)
        {
            var text = (await container.GetBlobClient(blob.Name).DownloadContentAsync()).Value.Content.ToString();
            Assert.Contains("<dataKey>", text);
            Assert.DoesNotContain("<masterKey", text);
        }
    }

    private static ServiceProvider Protection(LoginBed bed, VaultKeyEncryption wrap)
    {
        var services = new ServiceCollection().AddLogging();
        DataProtection.Add(services, bed.Storage, wrap);
        return services.BuildServiceProvider();
    }

    private static string? KidOf(string token) => Jwt.Header(token).GetProperty("kid").GetString();

    private static async Task<string[]> KidsAsync(Browser browser)
        => [.. (await browser.GetAsync("/.well-known/jwks")).Json.GetProperty("keys").EnumerateArray().Select(k => k.GetProperty("kid").GetString()!)];
}
