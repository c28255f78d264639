namespace Notary.Recorder.Desktop;

/// <summary>What the desktop's browser may do: Chromium's managed policies.</summary>
/// <remarks>DeveloperToolsAvailability=2 would forbid them to the recorder's pipe as well ("Not allowed" to Target.attachToTarget, Chromium 156);
/// their pages' scheme on the block list takes them from the user alone.</remarks>
internal static class BrowserPolicy
{
    /// <summary>The policy file.</summary>
    public static string Text { get; } = new JsonObject
    {
        ["DeveloperToolsAvailability"] = 1,
        ["URLBlocklist"] = Array(["javascript:*", "file:*", "devtools:*", "view-source:*", "chrome:*", "chrome-untrusted:*", "chrome-extension:*", "ftp:*"]),
        ["ExtensionInstallBlocklist"] = Array(["*"]),
        ["BlockExternalExtensions"] = true,
        ["SyncDisabled"] = true,
        ["BrowserSignin"] = 0,
        ["BrowserGuestModeEnabled"] = false,
        ["BrowserAddPersonEnabled"] = false,
        ["IncognitoModeAvailability"] = 1,
        ["PasswordManagerEnabled"] = false,
        ["AutofillAddressEnabled"] = false,
        ["AutofillCreditCardEnabled"] = false,
        ["PrintingEnabled"] = false,
        ["AllowFileSelectionDialogs"] = false,
        ["DefaultDownloadDirectory"] = Sandbox.Home + "/Downloads",
        ["DownloadDirectory"] = Sandbox.Home + "/Downloads",
        ["PromptForDownloadLocation"] = false,
        ["BackgroundModeEnabled"] = false,
        ["ComponentUpdatesEnabled"] = false,
        ["MetricsReportingEnabled"] = false,
        ["SearchSuggestEnabled"] = false,
        ["TranslateEnabled"] = false,
        ["SafeBrowsingProtectionLevel"] = 0,
        ["DefaultBrowserSettingEnabled"] = false,
        ["PromotionalTabsEnabled"] = false,
        ["HomepageIsNewTabPage"] = false,
        ["HomepageLocation"] = "about:blank",
        ["NewTabPageLocation"] = "about:blank",
        ["ProxySettings"] = new JsonObject { ["ProxyMode"] = "direct" },
        ["DnsOverHttpsMode"] = "off",
        ["QuicAllowed"] = false,
        ["CACertificateManagementAllowed"] = 2,
        ["ClientCertificateManagementAllowed"] = 2,
    }.ToJsonString();

    private static JsonArray Array(string[] values) => new([.. values.Select(v => (JsonNode?)v)]);
}
