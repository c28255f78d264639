namespace Notary.Recorder.Desktop;

/// <summary>The strip at the screen's foot: a button for the file manager, the windows by their names, and the time as everything here counts it.</summary>
internal static class Panel
{
    /// <summary>What it is called as in <c>/proc</c>.</summary>
    public const string Program = "tint2";

    /// <summary>Where its settings stand in the desktop.</summary>
    public const string File = "/etc/panel";

    /// <summary>Its settings: no launcher, no menu, no command but the file manager's.</summary>
    public const string Settings = """
        rounded = 0
        border_width = 0
        background_color = #20262c 100

        rounded = 2
        border_width = 0
        background_color = #39424b 100

        rounded = 2
        border_width = 0
        background_color = #efece4 100

        panel_items = PTC
        panel_size = 100% 32
        panel_position = bottom center horizontal
        panel_layer = bottom
        strut_policy = follow_size
        panel_background_id = 1
        panel_padding = 4 3 6
        disable_transparency = 1
        font_shadow = 0
        wm_menu = 0
        mouse_effects = 0

        button = new
        button_text = 文件 Files
        button_font = sans 10
        button_font_color = #ffffff 100
        button_background_id = 2
        button_centered = 1
        button_padding = 12 2 4
        button_lclick_command = sh /etc/files

        taskbar_mode = single_desktop
        task_text = 1
        task_icon = 0
        task_tooltip = 0
        task_centered = 0
        task_maximum_size = 320 26
        task_padding = 8 2 4
        task_font = sans 10
        task_font_color = #ffffff 100
        task_active_font_color = #20262c 100
        task_background_id = 2
        task_active_background_id = 3
        task_iconified_background_id = 2
        mouse_left = toggle
        mouse_middle = none
        mouse_right = none
        mouse_scroll_up = none
        mouse_scroll_down = none

        time1_format = %Y-%m-%d %H:%M:%S UTC
        time1_font = sans 10
        clock_font_color = #ffffff 100
        clock_padding = 8 0
        clock_tooltip =

        """;
}
