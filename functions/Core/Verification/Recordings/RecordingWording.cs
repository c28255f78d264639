namespace Notary.Verification.Recordings;

/// <summary>Every fixed word of a remote forensics letter. Lawyers edit this file; another wording is another format, since verifiers compare the
/// pages with it word by word.</summary>
internal static class RecordingWording
{
    public const string Title = "远程取证存证函";
    public const string TitleEnglish = "Remote Forensics Storage Letter";
    public const string Number = "编号 No. ";

    public const string Certify = "兹确认：存证人使用本平台提供的远程桌面进行了下列取证。屏幕自始至终由平台录制，录制时逐段封存；本函所载各项均由封存的证据包读出，证据包已存入本平台。";
    public const string CertifyEnglish = "The depositor used a remote desktop of this platform as stated below. Its screen was recorded by the "
        + "platform and sealed while "
        + "it was recorded; everything in this letter was read from the sealed package, which is deposited with this platform.";

    public const string TestMark = "测试 TEST   ·   ";
    public const string Test = "测试账户的测试取证，不证明任何真实的事，不得作为证据使用。";
    public const string TestEnglish = "A test of a sandbox tenant: this letter proves nothing about anything real and must not be used as evidence.";

    public const string BrokenOff = "录制中断：封存链没有结束记录。本函仅涉及中断之前已封存的内容。 "
        + "The recording broke off: its chain has no end. This letter is about what was sealed by then and nothing else.";
    public const string Failed = "核验未通过，见下列各项。 The package does not pass verification; what failed is listed below.";

    public const string SessionSection = "一、取证  Session";
    public const string Depositor = "存证人 Depositor";
    public const string DepositorClaim = "平台账户登记名称，本函不确认其真实身份。 Name of the account; this letter establishes no identity.";
    public const string Did = "身份标识 DID";
    public const string Session = "取证编号 Session";
    public const string Page = "打开的网址 Page opened";
    public const string Label = "存证人备注 Depositor's label";
    public const string Desktop = "桌面所在 Desktop";
    public const string Screen = "屏幕 Screen";
    public const string PerSecond = " 帧/秒 frames/s";
    public const string Start = "录制开始 Recording began";
    public const string Connected = "交付操作 Input connected";
    public const string End = "录制结束 Recording ended";
    public const string Never = "从未 never";
    public const string Deposit = "存证号 Deposit id";
    public const string Index = "日志序号 log index ";
    public const string Manifest = "存证清单摘要 Manifest SHA-256";
    public const string Package = "证据包摘要 Package SHA-256";
    public const string Bytes = " 字节 bytes";

    public const string OfficeStates = "本处陈述（证据本身不能证明） Stated by this office, not proved";
    public const string Address = "地址 address ";
    public const string Operator = "平台运营方 operator ";
    public const string ChainName = "链名称 chain ";
    public const string ChainOperator = "链运营方 its operator ";

    public const string RecordingSection = "二、录制  Recording";
    public const string Judged = "平台核验 Judged by the platform";
    public const string Verified = "全部通过 verified";
    public const string Unjudged = "未能全部核验 not judged in full";
    public const string NotPassed = "未通过 failed";
    public const string Counts = "数量 Counts";
    public const string Links = "封存链环 links ";
    public const string Segments = "分段 segments ";
    public const string Frames = "帧 frames ";
    public const string Length = "时长 length ";
    public const string Seconds = " 秒 s";
    public const string Head = "封存链末端 Chain's head SHA-256";
    public const string Gaps = "间断 Gaps";
    public const string NoGaps = "无 none";
    public const string Missing = "共缺 missing ";
    public const string At = "自 at ";
    public const string More = "另有 and ";
    public const string MoreEnd = " 项，见证据包 more, in the package";

    public const string HeadsSection = "三、入日志与可信时间  Heads in the log, trusted time";
    public const string Heads = "入日志的链首 Heads in the log";
    public const string FirstHead = "最先 First";
    public const string LastHead = "最后 Last";
    public const string Link = "链环 link ";
    public const string Longest = "最长暴露 Longest exposure";
    public const string OfSegment = "分段 segment ";
    public const string OwnClock = "（录制端时钟 by the recorder's own clock）";
    public const string LongestMeans = "此时段内，持有录制密钥者尚可封存其他内容。 Until then whoever held the recorder's key could have sealed something else.";

    public const string CleanSection = "四、桌面清洁性  Cleanliness of the desktop";
    public const string Clean = "清洁 clean";
    public const string Refused = "不清洁 refused";
    public const string Checks = " 项检查 checks";
    public const string Measured = "检查结果 Measured";
    public const string Unmeasured = "未检查 not measured";
    public const string Pass = "通过 pass";
    public const string Fail = "不符 fail";
    public const string Unknown = "无法检查 unknown";
    public const string Expected = "应为 expected ";
    public const string Found = "实为 found ";
    public const string Empty = "（空 nothing）";

    public const string FilesSection = "五、文件  Files";
    public const string Download = "下载 downloaded";
    public const string Upload = "由外部带入 brought in";
    public const string None = "无 none";

    public const string MarksSection = "六、标记  Marks";
    public const string Mark = "标记 Mark ";
    public const string MarkPicture = "标记处的屏幕 The screen at mark ";
    public const string PictureDigest = "图片摘要 Picture SHA-256";

    public const string CapturesSection = "七、网页固化  Captured pages";
    public const string Capture = "网页 Page ";
    public const string CapturePicture = "固化网页的缩略图 Thumbnail of captured page ";
    public const string Compared = "画面、源码、网络应答、再次获取的比对 Views compared: ";
    public const string Agree = "一致 they agree";
    public const string Differ = "不一致 they DIFFER";
    public const string PartlyCompared = "无矛盾，但未能全部比对 nothing contradicts, not all could be compared";
    public const string NotCompared = "未通过核验 the capture did not pass verification";
    public const string FilesOf = "文件 files ";

    public const string MeaningSection = "八、证明范围  What this letter proves, and what it does not";
    public const string Proves = "本函证明：上列证据包存入本平台，其封存链的链首在录制期间已记入证据日志，并由两家时间戳机构载明时间；此后对画面、事件或文件的任何改动均可发现。"
        + "桌面的清洁性在交付操作之前已检查并封存。";
    public const string ProvesEnglish = "It proves that the package was deposited with this platform, and that heads of its chain were in the "
        + "evidence log, dated by two "
        + "authorities, while it was recorded: any change to pictures, events or files since then is found. The desktop was measured, and this was "
        + "sealed, before its user could touch it.";
    public const string ProvesNot = "本函不证明：网站向他人展示的内容与此相同，或者该内容并非专为此次访问而设；操作者是谁；尚未记入日志的最长暴露时段内的内容；间断之中发生的事情；"
        + "事件记录与画面相符；录制结束之后的情况。本函不是公证书；需要公证书的，请凭本函及证据包另行申请。";
    public const string ProvesNotEnglish = "It does not prove that the site showed the same to others, or that it was not made for this visit; who "
        + "used the desktop; anything "
        + "within the longest exposure that was not in the log yet; what happened within gaps; that events and pictures agree; or anything after "
        + "the end. It is not a notarial certificate; whoever needs one applies for it with this letter and the package.";

    public const string Verify = "核验  Verification";
    public const string VerifyHow = "扫描二维码查验存证；证据包可用 notary forensics verify 逐帧离线核验，格式 notary-forensics/1 已公开。全部事实另以 facts.json 附于本文件。";
    public const string VerifyHowEnglish = "Scan the code to look up the deposit. The package is judged offline, frame by frame, by notary forensics "
        + "verify or anybody's own "
        + "program: the format, notary-forensics/1, is published. All facts are attached as facts.json.";

    public const string SealTitle = "电子签章 Digital seal";
    public const string SealDate = "签发 Issued ";
}
