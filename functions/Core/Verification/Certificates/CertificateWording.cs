namespace Notary.Verification.Certificates;

/// <summary>Every fixed word of a draw's certificate. Lawyers edit this file; another wording is another format, since verifiers compare the pages
/// with it word by word.</summary>
internal static class CertificateWording
{
    public const string Title = "摇号证书";
    public const string TitleEnglish = "Certificate of Draw";
    public const string Rehearsal = "摇号演练记录";
    public const string RehearsalEnglish = "Record of a Rehearsal";
    public const string RehearsalBar = "这是一次演练，不产生任何中签结果，也永远不会成为正式摇号。 "
        + "This was a rehearsal: nobody won anything, and it never becomes a draw.";

    public const string Number = "编号 No. ";

    public const string Certify = "兹证明：下列摇号的名单、规则与随机数来源在随机数产生之前即已固定并公开登记，结果由此唯一算出，任何人均可重算。";
    public const string CertifyEnglish = "List, rules and the source of randomness of this draw were fixed and registered in public "
        + "before any randomness existed; its result follows from them alone, and anybody can compute it again.";

    public const string DrawSection = "一、摇号  The draw";
    public const string Name = "名称 Title";
    public const string Organiser = "组织方 Organiser";
    public const string OrganiserClaim = "平台账户登记名称，本证书不确认其真实身份。 Name of the account; this certificate establishes no identity.";
    public const string DrawId = "摇号标识 Draw id";
    public const string List = "名单 List";
    public const string Candidates = "人 candidates";
    public const string Tickets = "签 tickets";
    public const string ListRoot = "名单根 List root";
    public const string Plan = "方案摘要 Plan SHA-256";
    public const string Specification = "程序规范摘要 Specification";

    public const string RoundsSection = "二、规则与结果  Rules and result";
    public const string Everyone = "全体 everyone";
    public const string Weighted = "按权重计签 by weight";
    public const string Again = "前轮中签者仍参加 earlier winners take part";
    public const string Quota = "名额 quota ";
    public const string Reserves = "候补 reserves ";
    public const string Eligible = "参加 took part ";
    public const string Won = "中签 won ";
    public const string Standby = "候补 in reserve ";
    public const string LastWinner = "末位中签号 last winning number ";
    public const string LastReserve = "末位候补号 last reserve ";
    public const string None = "无 none";
    public const string Winners = "名单文件摘要 winners.csv SHA-256";
    public const string Rows = "行 rows";
    public const string Result = "结果摘要 Result SHA-256";

    public const string RandomSection = "三、随机数  Randomness";
    public const string Commitment = "承诺 Commitment";
    public const string Registered = "登记于 Registered";
    public const string ChainId = "链标识 chain id ";
    public const string Deadline = "揭示截止区块 last block for reveals ";
    public const string Registry = "合约 Contract";
    public const string Beacon = "信标 Beacon";
    public const string Round = "轮次 round ";
    public const string BlockBeacon = "区块 block ";
    public const string BlockWarning = "信标为区块哈希：产生该区块者当时已知全部揭示值，并可尝试多个区块。 The beacon is a block's hash: whoever made that block "
        + "knew all reveals by then and could have tried several blocks.";
    public const string Value = "值 Value";
    public const string Party = "参与方 Party";
    public const string Revealed = "已按时揭示 revealed in time";
    public const string Silent = "未揭示，不计入 did not reveal, does not count";
    public const string Seed = "种子 Seed";

    public const string ApprovalSection = "四、公证员核准  Approved by notaries";
    public const string ApprovedPublish = "公布 publication";
    public const string ApprovedCommit = "冻结 commitment";
    public const string ApprovedResult = "结果 result";
    public const string NoApprovals = "演练不经公证员核准。 Rehearsals are approved by nobody.";

    public const string DepositSection = "五、存证  Deposited as evidence";
    public const string DrawDeposit = "draw.json";
    public const string ResultDeposit = "result.json";
    public const string OfficeStates = "本处陈述（证据本身不能证明） Stated by this office, not proved";
    public const string Address = "地址 address ";
    public const string Operator = "平台运营方 operator ";
    public const string ChainName = "链名称 chain ";
    public const string ChainOperator = "链运营方 its operator ";

    public const string MeaningSection = "六、证明范围  What this certificate proves, and what it does not";
    public const string Proves = "本证书证明：上列名单根、规则与信标来源在种子产生之前已经登记；种子由已揭示的各方秘密与信标按公布的规范算出；中签与候补由种子按该规范唯一确定。";
    public const string ProvesEnglish = "It proves that list root, rules and beacon were registered before the seed existed, that the seed is computed from "
        + "the revealed secrets and the beacon, and that winners and reserves follow from the seed by the published specification alone.";
    public const string ProvesNot = "本证书不证明：名单所列人员符合参加条件，名单没有遗漏，或者组织方会履行结果。公示期内的异议由组织方答复。";
    public const string ProvesNotEnglish = "It does not prove that those on the list were entitled to be, that nobody is missing from it, or that "
        + "the organiser keeps to the result. Objections were for the organiser to answer.";

    public const string Verify = "核验  Verification";
    public const string VerifyHow = "扫描二维码或访问下列网址，可在自己的浏览器中重新计算；也可用摇号证据包离线重算。全部事实另以 facts.json 附于本文件。";
    public const string VerifyHowEnglish = "Scan the code or open the address to compute it again in your own browser, "
        + "or offline from the draw's bundle. All facts are attached as facts.json.";

    public const string SealTitle = "电子签章 Digital seal";
    public const string SealDate = "签发 Issued ";
}
