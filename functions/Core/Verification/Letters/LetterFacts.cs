namespace Notary.Verification.Letters;

/// <summary>
/// Everything a storage letter states, and nothing else. The letter's pages show it; the same facts ride inside the PDF
/// as <c>facts.json</c>, so a verifier compares the letter with the evidence without reading pages.
/// </summary>
/// <param name="Id">The deposit.</param>
/// <param name="Number">The letter's number in the office's register, as printed.</param>
/// <param name="Depositor">The depositor's DID.</param>
/// <param name="DepositorName">The depositor's name as registered.</param>
/// <param name="ReceivedAt">When the platform took the deposit in, by its own clock (the legal times are <paramref name="Times"/>).</param>
/// <param name="Kind">The manifest's kind: file, digest, forensics, draw, contract.</param>
/// <param name="Items">The manifest's items, in its order.</param>
/// <param name="ManifestDigest">SHA-256 of the manifest's canonical bytes: what the log and the authorities hold.</param>
/// <param name="Notes">The manifest's notes.</param>
/// <param name="Times">The verified tokens, in the order shown.</param>
/// <param name="LogOrigin">The log's origin line (C2SP tlog-checkpoint).</param>
/// <param name="LogIndex">The leaf's index, from 0.</param>
/// <param name="CheckpointSize">Leaves under the checkpoint.</param>
/// <param name="CheckpointRoot">The checkpoint's root.</param>
/// <param name="ChainId">The chain's EIP-155 id.</param>
/// <param name="Contract">The anchor contract, 0x and 40 hexadecimal digits.</param>
/// <param name="Transaction">The anchoring transaction's hash, 0x and 64 digits.</param>
/// <param name="Block">Number of the block that holds it.</param>
/// <param name="BlockHash">Hash of that block.</param>
/// <param name="BlockTime">The block's own time.</param>
/// <param name="VerifyUrl">Where a reader verifies the letter; also in the QR code.</param>
/// <param name="IssuedAt">When the letter was made; the signature's time-stamp, not this, proves when it was signed.</param>
public sealed partial record LetterFacts(
    DepositId Id,
    string Number,
    string Depositor,
    string DepositorName,
    DateTimeOffset ReceivedAt,
    string Kind,
    IReadOnlyList<ManifestItem> Items,
    Digest ManifestDigest,
    IReadOnlyDictionary<string, string> Notes,
    IReadOnlyList<LetterTime> Times,
    string LogOrigin,
    long LogIndex,
    long CheckpointSize,
    Digest CheckpointRoot,
    long ChainId,
    string Contract,
    string Transaction,
    long Block,
    string BlockHash,
    DateTimeOffset BlockTime,
    Uri VerifyUrl,
    DateTimeOffset IssuedAt)
{
    /// <summary>The number of the letter about a deposit: year, as the office's clock has it, the office's short name and log index; unique,
    /// gapless within the log, and says where to look. In version 1, which had no short name, in that version's form.</summary>
    public static string NumberOf(DateTimeOffset receivedAt, string? shortName, long index)
    {
        var year = receivedAt.ToOffset(TimeSpan.FromHours(8)).Year;
        return shortName is null
            ? string.Create(CultureInfo.InvariantCulture, $"({year}) 电存字第 {index + 1:D8} 号")
            : string.Create(CultureInfo.InvariantCulture, $"〔{year}〕{shortName}电存字第{index + 1}号");
    }

    /// <summary>Where the address for verification ends, whatever the platform's own address is.</summary>
    public static string VerifyPath(Digest manifest, long index) => string.Create(CultureInfo.InvariantCulture, $"/verify/{manifest}?index={index}");

    /// <summary>The issuing office as printed in the head and the seal.</summary>
    public LetterOffice Office { get; init; } = new("公证处", "Notary Office");

    /// <summary>Who else stands behind the letter; null in version 1, which did not say.</summary>
    public LetterParties? Parties { get; init; }

    /// <summary>Whether the manifest is that of a test deposit; no member when it is none, and never of version 1.</summary>
    public bool Test { get; init; }
}

/// <summary>The issuing office's legal name in both languages.</summary>
public sealed record LetterOffice(string Chinese, string English);

/// <summary>What the office says of itself and of those it works with.</summary>
/// <param name="ShortName">The office's short name: part of the letter's number.</param>
/// <param name="Address">The office's address.</param>
/// <param name="Operator">Legal name of whoever operates the platform.</param>
/// <param name="ChainName">What the chain is called.</param>
/// <param name="ChainOperator">Legal name of whoever operates the chain.</param>
public sealed record LetterParties(string ShortName, string Address, string Operator, string ChainName, string ChainOperator);

/// <summary>One verified RFC 3161 token as the letter states it.</summary>
/// <param name="Authority">The authority's name.</param>
/// <param name="GenTime">The token's genTime.</param>
/// <param name="Serial">The token's serial number, lower-case hexadecimal.</param>
/// <param name="Over">What was stamped: <c>manifest</c> or <c>checkpoint</c>.</param>
/// <param name="By">Who stamped; null in version 1, which knew the name alone.</param>
public sealed record LetterTime(string Authority, DateTimeOffset GenTime, string Serial, string Over, LetterAuthority? By = null)
{
    /// <summary>What a letter states of a valid token; <paramref name="legalName"/> is null in version 1.</summary>
    public static LetterTime Of(string authority, string over, TokenCheck check, string? legalName)
        => new(authority, check.GenTime!.Value, check.SerialHex!, over,
            legalName is null ? null : new LetterAuthority(legalName, check.PolicyOid!, check.Certificate!.Value));
}

/// <summary>Who made a token.</summary>
/// <param name="LegalName">The authority's legal name, as the trust file has it.</param>
/// <param name="Policy">The policy that the token states, dotted.</param>
/// <param name="Certificate">SHA-256 of the certificate that signed the token.</param>
public sealed record LetterAuthority(string LegalName, string Policy, Digest Certificate);
