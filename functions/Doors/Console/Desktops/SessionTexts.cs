using Notary.Forensics;

namespace Notary.Pages.Desktops;

/// <summary>What recorded desktops say to their user.</summary>
internal static class SessionTexts
{
    /// <summary>The states that a session that goes well passes, as the page's line shows them.</summary>
    public static readonly IReadOnlyList<SessionState> Steps
        = [SessionState.Requested, SessionState.Measuring, SessionState.Ready, SessionState.Active, SessionState.Sealed, SessionState.Deposited];

    /// <summary>Where sessions are listed.</summary>
    public const string List = "/desktops";

    public static string Path(SessionView session) => $"{List}/{session.Id}";

    /// <summary>The user's own words, or the page that was opened.</summary>
    public static string Title(SessionView session) => session.Label.Length > 0 ? session.Label : session.Page;

    /// <summary>Of a moment that proves nothing: more digits than a telephone's line has room for.</summary>
    public static DateTimeOffset ToSecond(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());

    public static string Tone(SessionState state) => state switch
    {
        SessionState.Ready or SessionState.Active or SessionState.Sealed or SessionState.Deposited => "ok",
        SessionState.Refused or SessionState.Broken => "bad",
        _ => "unknown",
    };

    public static Words Name(SessionState state) => state switch
    {
        SessionState.Requested => ("已申请", "Asked for"),
        SessionState.Provisioning => ("正在启动", "Starting"),
        SessionState.Measuring => ("正在检查", "Being checked"),
        SessionState.Ready => ("可以进入", "Ready"),
        SessionState.Active => ("使用中", "In use"),
        SessionState.Closing => ("正在结束", "Ending"),
        SessionState.Sealed => ("已封存", "Sealed"),
        SessionState.Deposited => ("已存证", "Deposited"),
        SessionState.Refused => ("未通过检查", "Refused"),
        _ => ("中断", "Broken off"),
    };

    /// <summary>What is being waited for.</summary>
    public static Words Waits(SessionView session) => session switch
    {
        { State: SessionState.Requested or SessionState.Provisioning, Ending: null } => ("桌面正在启动，录制从第一帧开始。",
            "The desktop starts; it is recorded from its first frame."),
        { State: SessionState.Measuring, Ending: null } => ("正在检查这台桌面是否干净。检查结果写入公开日志之后，才接通键盘和鼠标。",
            "Whether the desktop is clean is being measured. Keyboard and pointer are connected once the measurement is in the public log."),
        { State: SessionState.Ready, Ending: null } => ("检查通过，键盘和鼠标已接通，等您进入。", "It was clean, keyboard and pointer are connected, and it waits for you."),
        { State: SessionState.Active, Ending: null } => ("桌面正在使用，屏幕和操作都在录制并逐段封存。", "It is in use; screen and input are recorded and sealed piece by piece."),
        { State: <= SessionState.Closing } => ("录制正在收尾，等最后一段封存、写入日志并加上时间戳。",
            "The recording ends: its last piece is sealed, put into the log and time-stamped."),
        { State: SessionState.Sealed } => ("已全部封存，正在存证。", "All of it is sealed, and is being deposited."),
        { State: SessionState.Deposited } => ("录制已存证，可以回放、取函、取证据包。", "The recording is deposited: play it back, take its letter and its bundle."),
        { State: SessionState.Refused } => ("这台桌面没有通过检查，没有录下任何内容，也没有存证。请重新申请。",
            "This desktop was not clean: nothing of it is kept or deposited. Ask for another."),
        { Deposit: not null } => ("录制中断，中断之前封存的部分已经存证。", "The recording broke off; what was sealed by then is deposited."),
        { Why: "nothing-recorded" } or { Links: 0 } => ("录制中断，没有可以存证的内容。请重新申请。",
            "It broke off and there is nothing to be deposited. Ask for another."),
        _ => ("录制中断，中断之前封存的部分正在存证。", "The recording broke off; what was sealed by then is being deposited."),
    };

    /// <summary>Code of a session whose letter was never made and never will be.</summary>
    public const string PackageGone = "package-gone";

    /// <summary>Why it broke off, or has no letter.</summary>
    public static Words Why(string code) => code switch
    {
        "desktop-lost" => ("桌面的录制程序没有被要求就结束了", "its recorder ended without being asked"),
        "provisioned-late" => ("桌面没有及时准备好", "it was not ready in time"),
        "nothing-recorded" => ("还没有录下内容就结束了", "it was ended before anything was recorded"),
        "chain-malformed" => ("录制程序写下的内容读不懂", "what its recorder wrote cannot be read"),
        PackageGone => ("存证的录制包已不在库中，出不了函", "its deposited package is not kept any more, so that there is no letter"),
        _ => (code, code),
    };

    /// <summary>How it ended.</summary>
    public static Words End(string ending) => ending switch
    {
        "exit" => ("正常结束", "it was ended"),
        "idle" => ("太久没有操作", "nobody touched it for too long"),
        "longest" => ("到了最长时间", "its longest time was over"),
        "aborted" => ("被中止", "it was aborted"),
        _ => (ending, ending),
    };

    /// <summary>Whether its desktop can be used.</summary>
    public static bool IsUsable(SessionView session) => session is { State: SessionState.Ready or SessionState.Active, Ending: null };

    /// <summary>Whether nothing will change any more.</summary>
    public static bool IsOver(SessionView session) => session.State is SessionState.Deposited or SessionState.Refused
        || (session.State == SessionState.Broken
            && (session.Deposit is not null || session.Links == 0 || session.Why == "nothing-recorded"));
}
