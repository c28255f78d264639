using System.Reflection;

namespace Notary.Letters;

/// <summary>Every fixed word of a letter, in Chinese and English. Lawyers edit this file; the shared font subset is made from it.</summary>
internal static class Wording
{
    public const string TitleChinese = "存证函";
    public const string TitleEnglish = "Letter of Evidence Deposit";
    public const string Number = "编号 No. ";

    /// <summary>Across each page of a test deposit's letter (docs/evidence-format.md, "Pages").</summary>
    public const string TestMark = "测试 TEST";
    public const string TestNotice = "本函出自测试账户的测试存证，不证明任何真实的事，不得作为证据使用。";
    public const string TestNoticeEnglish
        = "A test deposit of a sandbox tenant: this letter proves nothing about anything real and must not be used as evidence.";

    public const string Certify = "兹确认：存证人已将下列电子数据（或其摘要）存入本平台。其收存、时间戳、日志记录及上链锚定的事实如下。";
    public const string CertifyEnglish = "The depositor placed the data listed below, or its digests, with this platform; "
        + "receipt, time-stamping, logging and anchoring were as stated.";

    public const string DepositSection = "一、存证信息  Deposit";
    public const string ItemsSection = "二、电子数据  Electronic data";
    public const string TimesSection = "三、可信时间  Trusted time (RFC 3161)";
    public const string LogSection = "四、证据日志与区块链  Evidence log and chain";
    public const string NotesSection = "存证人自述（本处未经核实）  The depositor's own statements, not verified by this office";
    public const string MeaningSection = "五、证明范围  What this letter proves, and what it does not";

    public const string Depositor = "存证人 Depositor";
    public const string DepositorClaim = "平台账户登记名称，本函不确认其真实身份。 Name of the account; this letter establishes no identity.";
    public const string DepositorDid = "身份标识 DID";
    public const string DepositAndKind = "存证号与类别 Deposit id, kind";
    public const string Received = "收存时间（平台时钟）Received";
    public const string ManifestDigest = "存证清单摘要 Manifest SHA-256";

    public const string ItemNumber = "序";
    public const string ItemName = "名称、类型与 SHA-256 摘要 Name, media type and SHA-256 digest";
    public const string ItemSize = "字节数 Bytes";
    public const string NoName = "（未命名 unnamed）";
    public const string NoValue = "—";

    public const string Authority = "时间戳机构 Authority";
    public const string Policy = "（时间戳策略 policy）";
    public const string AuthorityCertificate = "签名证书 Certificate SHA-256";
    public const string Over = "对象 Over";
    public const string TimeStamped = "签发时间 genTime (UTC+08:00)";
    public const string InBeijing = "北京时间 (UTC+08:00)";
    public const string Serial = "序列号 Serial";
    public const string OverManifest = "清单 manifest";
    public const string OverCheckpoint = "检查点 checkpoint";

    public const string Log = "日志与序号 Log and index";
    public const string LogIndex = "序号 index ";
    public const string CheckpointSize = "检查点条目数 checkpoint size ";
    public const string CheckpointRoot = "检查点树根 Checkpoint root";
    public const string Chain = "链与区块 Chain and block";
    public const string ChainId = "链标识 chain id ";
    public const string Block = "区块 block ";
    public const string Contract = "合约 Contract";
    public const string Transaction = "交易 Transaction";
    public const string BlockHash = "区块哈希 Block hash";
    public const string BlockTime = "出块时间 Block time";

    public const string OfficeStates = "本处陈述（证据本身不能证明）";
    public const string OfficeStatesEnglish = "Stated by this office, not proved";
    public const string OfficeAddress = "地址 address ";
    public const string Operator = "平台运营方 operator ";
    public const string ChainName = "链名称 chain ";
    public const string ChainOperator = "链运营方 its operator ";

    public const string KindFile = "文件 File";
    public const string KindDigest = "摘要 Digest only";
    public const string KindForensics = "远程取证 Remote forensics";
    public const string KindDraw = "摇号 Draw";
    public const string KindContract = "合同 Contract";
    public const string KindBatch = "批量 Batch";

    public const string Proves = "本函证明：具有上列摘要的电子数据，至迟在上列各时间戳载明的时间已经存在；其清单摘要已记入证据日志，并随检查点锚定于上列区块链交易。此后数据如有任何改动，其摘要即与本函不符。请妥善保管原始数据：凭本函不能恢复数据。";
    public const string ProvesEnglish = "This letter proves that data with the digests above existed no later than the times in the time-stamps above, "
        + "that its manifest was recorded in the evidence log, and that the log's checkpoint was anchored by the transaction above. "
        + "Data changed since then no longer matches these digests. Keep the original data: it cannot be restored from this letter.";
    public const string ProvesNot = "本函不证明：数据由何人制作或归何人所有，其内容是否真实、完整、合法，以及数据在存入之前的来源与变动。"
        + "本函不是公证书，而是存证平台就上列收存事实出具的确认函；需要公证书的，请凭本函及证据包另行申请。";
    public const string ProvesNotEnglish = "It does not prove who made or owns the data, that its content is true, "
        + "complete or lawful, or what happened to it before it was deposited. "
        + "It is not a notarial certificate; whoever needs one applies for it with this letter and its evidence bundle.";
    public const string PlatformHashed = "摘要和字节数由本平台在收存原始数据时计算。 The platform computed digests and sizes itself while receiving the data.";
    public const string DepositorHashed =
        "摘要由存证人自行计算并提交，本平台从未见过原始数据。 The depositor computed the digests; the platform never saw the data.";
    public const string Claims = "名称和类型由存证人申报，未经核实。 Names and media types are the depositor's claims, not verified.";
    public const string ClaimsOfDigests = "名称、类型和字节数由存证人申报，未经核实。 Names, media types and sizes are the depositor's claims, not verified.";

    public const string Verify = "核验  Verification";
    public const string VerifyHow = "扫描二维码或访问下列网址，或按证据包内 VERIFY.txt 离线核验。全部事实另以 facts.json 附于本文件。";
    public const string VerifyHowEnglish = "Scan the code, open the address, or check offline "
        + "as VERIFY.txt in the evidence bundle says. All facts are attached as facts.json.";
    public const string QrAlternative = "二维码，内容为核验网址 QR code with the address for verification: ";

    public const string SealTitle = "电子签章 Digital seal";
    public const string SealDate = "签发 Issued ";
    public const string SealAlternative = "电子签章 Digital signature of the issuing office";
    public const string SignatureReason = "存证函签发 Letter of evidence deposit issued";

    /// <summary>Marks that names and notes often bring along.</summary>
    public const string OftenUsed = "·…—–‘’“”、。〈〉《》「」『』【】〔〕!(),.:;?~¥€£§©®°±×÷№！（），．：；？～￥";

    /// <summary>All of the above.</summary>
    public static readonly IReadOnlyList<string> Texts = [.. typeof(Wording)
        .GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!)];
}
