using Notary.Identity.Provider;

namespace Notary.Pages.Login;

/// <summary>How the login centre's pages look.</summary>
public static class LoginScreens
{
    /// <summary>A page as an answer: kept by nobody, without a script, its form sent home and on to where it leads.</summary>
    /// <param name="page">What is said.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="owner">What the tenant is called that registered the client; null where there is none.</param>
    public static PageResult Of(LoginPage page, int status, string? owner) => (page switch
    {
        LoginPage.Consent asked => PageResult.Of<ConsentPage>((nameof(ConsentPage.Asked), asked), (nameof(ConsentPage.Owner), owner)) with
        { Policy = Leading(asked.Form.Leads) },
        LoginPage.Logout asked => PageResult.Of<LogoutPage>((nameof(LogoutPage.Asked), asked)) with { Policy = Leading(asked.Form.Leads) },
        _ => PageResult.Of<LoginMessagePage>((nameof(LoginMessagePage.Said), page)),
    }) with
    { Private = true, Status = status };

    /// <summary>Host and port as they are on the wire: letters of other scripts may look like other letters.</summary>
    public static string HostOf(Uri address)
        => (address.HostNameType == UriHostNameType.IPv6 ? address.Host : address.IdnHost)
            + (address.IsDefaultPort ? "" : string.Create(CultureInfo.InvariantCulture, $":{address.Port}"));

    private static PagePolicy Leading(Uri? to) => to is null ? PagePolicy.Plain : new PagePolicy { Forms = [$"{to.Scheme}://{HostOf(to)}"] };
}
