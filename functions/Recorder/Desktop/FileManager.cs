namespace Notary.Recorder.Desktop;

/// <summary>The desktop's file manager: shows what was downloaded and what was brought in, and nothing else.</summary>
/// <remarks>A root of its own in the desktop's: the only program in it is itself, so that it opens no terminal and no other program whatever it is asked;
/// it has no network, and only the two folders are writable. They have the same paths as outside, so a file can be dragged onto a page.</remarks>
internal static class FileManager
{
    /// <summary>What it is called as in <c>/proc</c>.</summary>
    public const string Program = "pcmanfm";

    /// <summary>Where the script stands that starts it.</summary>
    public const string Script = "/etc/files";

    /// <summary>The folders that it shows, a tab each; it stands in the last.</summary>
    public static IReadOnlyList<string> Folders { get; } = [Sandbox.Home + "/Uploads", Sandbox.Home + "/Downloads"];

    /// <summary>Bytes of memory that what it puts aside may take.</summary>
    private const long ScratchSize = 1L << 20;

    /// <summary>Its settings, by their paths in the desktop. XDG_CONFIG_DIRS leads there: what stands under /etc/xdg would start by itself.</summary>
    public static IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["/etc/desk/pcmanfm/default/pcmanfm.conf"] = """
            [volume]
            mount_on_startup=0
            mount_removable=0
            autorun=0

            [ui]
            always_show_tabs=0
            hide_close_btn=1
            view_mode=list
            sort=name;ascending;
            show_hidden=0
            toolbar=navigation;
            side_pane_mode=hidden;places
            pathbar_mode_buttons=1

            """,
        ["/etc/desk/libfm/libfm.conf"] = """
            [config]
            single_click=0
            use_trash=0
            confirm_del=1
            thumbnail_local=0
            show_internal_volumes=0

            [ui]
            show_thumbnail=0

            """,
    };

    /// <summary>How it is started, in the desktop and by its user.</summary>
    public static string Command(SessionPlace place) => string.Join(' ', (string[])[
        "bwrap", "--die-with-parent", "--unshare-user", "--unshare-ipc", "--unshare-net",
        "--ro-bind", "/usr/lib", "/usr/lib", "--ro-bind", "/usr/lib64", "/usr/lib64", "--ro-bind", "/usr/share", "/usr/share",
        "--tmpfs", "/usr/share/applications", "--remount-ro", "/usr/share/applications", "--ro-bind", "/usr/bin/" + Program, "/usr/bin/" + Program,
        "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "--ro-bind", "/etc", "/etc",
        "--ro-bind-try", "/var/cache/fontconfig", "/var/cache/fontconfig", "--dev-bind", "/dev", "/dev", "--size", $"{ScratchSize}", "--tmpfs", "/tmp",
        "--ro-bind", place.DisplaySocket, place.DisplaySocket, "--ro-bind", "/run/xauthority", "/run/xauthority",
        "--bind", "/run/user", "/run/user", "--tmpfs", Sandbox.Home, .. Folders.SelectMany(folder => (string[])["--bind", folder, folder]),
        "--remount-ro", Sandbox.Home, "--remount-ro", "/", "--chdir", Sandbox.Home, Program, "--new-win", .. Folders]);

    /// <summary>The script: nothing of it is left when the file manager runs.</summary>
    public static string Start(SessionPlace place) => $"mkdir -p {string.Join(' ', Folders)} && exec {Command(place)}\n";
}
