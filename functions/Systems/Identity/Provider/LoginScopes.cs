using Notary.Identity.People;
using Notary.Identity.Stores;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Notary.Identity.Provider;

/// <summary>What a client may ask for, and how it is put to the user.</summary>
internal static class LoginScopes
{
    /// <summary>Reads the tenant's deposits: the scope of an API key.</summary>
    public const string Read = "read";

    /// <summary>Makes deposits: likewise.</summary>
    public const string Write = "write";

    public static IReadOnlyDictionary<string, (string Chinese, string English)> All { get; } = new Dictionary<string, (string, string)>(StringComparer.Ordinal)
    {
        [Scopes.OpenId] = ("确认您是同一位用户", "know that you are the same user"),
        [Scopes.Profile] = ("您的姓名、单位和角色", "your name, organisation and role"),
        [Scopes.OfflineAccess] = ("在您离开后继续使用，最长 90 天", "go on while you are away, up to 90 days"),
        [Read] = ("读取贵单位的存证、存证函和原件", "read your organisation's deposits, letters and originals"),
        [Write] = ("以贵单位名义存证", "make deposits in your organisation's name"),
    };

    /// <summary>Of what a client asks for, what this person can give it.</summary>
    /// <remarks>A client opens the deposits of the tenant that registered it and of nobody else: one employee's click must not open his employer's
    /// deposits to strangers. Everybody may use it to show who he is.</remarks>
    public static IEnumerable<string> Grantable(IEnumerable<string> wanted, Client client, string? tenant, Role role)
        => wanted.Where(scope => scope switch
        {
            Read => tenant == client.Tenant,
            Write => tenant == client.Tenant && role is Role.Depositor or Role.Owner,
            _ => true,
        });
}
