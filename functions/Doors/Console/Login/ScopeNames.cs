using Notary.Identity.Provider;

namespace Notary.Pages.Login;

/// <summary>What an application may ask for, in plain words.</summary>
public static class ScopeNames
{
    /// <summary>What it can do then.</summary>
    /// <param name="scope">One of <see cref="LoginScopes.Names"/>.</param>
    public static Words Of(string scope) => scope switch
    {
        "openid" => ("确认您是同一位用户", "know that you are the same user"),
        "profile" => ("您的姓名、单位和角色", "your name, organisation and role"),
        "offline_access" => ("在您离开后继续使用，最长 90 天", "go on while you are away, up to 90 days"),
        LoginScopes.Read => ("读取贵单位的存证、存证函和原件", "read your organisation's deposits, letters and originals"),
        LoginScopes.Write => ("以贵单位名义存证", "make deposits in your organisation's name"),
        _ => scope,
    };
}
