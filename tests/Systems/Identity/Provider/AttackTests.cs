using System.Net.Http.Headers;
using System.Reflection;

namespace Notary.Identity.Tests.Provider;

/// <summary>Each attack is one method of <see cref="Attacks"/>: what it does, and the errors that it may meet with.</summary>
[TestClass]
public sealed class AttackTests
{
    private static readonly Type[] Kinds =
        [typeof(AuthorizationAttacks), typeof(PushedAttacks), typeof(ConsentAttacks), typeof(TokenAttacks), typeof(LogoutAttacks)];

    public static IEnumerable<object[]> All => [.. Kinds.SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.Static))
        .Select(m => new object[] { m.DeclaringType!.Name, m.Name })];

    [TestMethod]
    [DynamicData(nameof(All))]
    public async Task EachIsRefused(string kind, string name)
    {
        using var scene = await AttackScene.SetAsync();
        var attack = Kinds.Single(t => t.Name == kind).GetMethod(name)!;
        var errors = attack.GetCustomAttribute<MeetsAttribute>()!.Errors;
        var page = await (Task<Page>)attack.Invoke(null, [scene])!;
        var told = $"{name}: {page.Status} {page.Location} {page.Text[..Math.Min(page.Text.Length, 600)]}";

        // Nothing was given, and nobody was sent to an address that is not his.
        Assert.IsFalse(page.Sent.ContainsKey("code"), told);
        Assert.DoesNotContain("access_token\":", page.Text, told);
        Assert.IsTrue(page.Location is null || page.Location.OriginalString.StartsWith(LoginBed.Callback + "?error=", StringComparison.Ordinal)
            || page.Location.OriginalString.StartsWith("/sign-in?", StringComparison.Ordinal), told);
        Assert.IsLessThan(500, page.Status, told);
        Assert.Contains(page.Error ?? page.Status.ToString(System.Globalization.CultureInfo.InvariantCulture), errors, told);

        // An answer that goes to a client says whose it is (RFC 9207), also when it is an error.
        if (page.Location is { IsAbsoluteUri: true })
            Assert.AreEqual(scene.Bed.Url.AbsoluteUri, page.Sent.GetValueOrDefault("iss"), told);
    }

    [TestMethod]
    public void ThereAreEnoughOfThem() => Assert.IsGreaterThanOrEqualTo(80, All.Count());
}

/// <summary>The errors, or the statuses where there is no error, that an attack may meet with.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class MeetsAttribute(params string[] errors) : Attribute
{
    public string[] Errors { get; } = errors;
}
