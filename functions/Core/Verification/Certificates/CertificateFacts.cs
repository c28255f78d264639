using Notary.Evidence.Draws;
using Notary.Verification.Letters;

namespace Notary.Verification.Certificates;

/// <summary>What a party did about the draw's randomness.</summary>
/// <param name="Party">Address, <c>0x…</c>.</param>
/// <param name="Revealed">Whether its secret counts.</param>
public sealed record CertificateParty(string Party, bool Revealed);

/// <summary>An approval as the certificate names it; approvals.json has the signature.</summary>
/// <param name="Step">publish, commit or result.</param>
/// <param name="Notary">The notary's name.</param>
/// <param name="At">When.</param>
public sealed record CertificateApproval(string Step, string Notary, DateTimeOffset At);

/// <summary>Everything a certificate of a draw states, and nothing else: its pages show it, and it rides inside the PDF as <c>facts.json</c>.</summary>
/// <param name="Number">In the office's register, as printed.</param>
/// <param name="Office">Who certifies.</param>
/// <param name="Parties">Who else stands behind it.</param>
/// <param name="Title">The draw's, as its organiser calls it.</param>
/// <param name="Organiser">Name of his account.</param>
/// <param name="Draw">draw.json: kind, rules, list, deadlines, beacon.</param>
/// <param name="Result">result.json.</param>
/// <param name="Plan">SHA-256 of plan.json.</param>
/// <param name="BeaconAt">When the drand round came; null for a block.</param>
/// <param name="Commits">The parties, in the order of their commits.</param>
/// <param name="Approvals">In the order of their times.</param>
/// <param name="CommitmentDeposit">Where draw.json is deposited.</param>
/// <param name="ResultDeposit">Where result.json is deposited.</param>
/// <param name="VerifyUrl">Where a reader sees the draw; also in the QR code.</param>
/// <param name="IssuedAt">When the certificate was made; the signature's time-stamp, not this, proves when it was signed.</param>
public sealed record CertificateFacts(
    string Number,
    LetterOffice Office,
    LetterParties Parties,
    string Title,
    string Organiser,
    DrawDocument Draw,
    DrawResult Result,
    Digest Plan,
    DateTimeOffset? BeaconAt,
    IReadOnlyList<CertificateParty> Commits,
    IReadOnlyList<CertificateApproval> Approvals,
    string CommitmentDeposit,
    string ResultDeposit,
    Uri VerifyUrl,
    DateTimeOffset IssuedAt)
{
    /// <summary>The value of member <c>format</c>.</summary>
    public const string Format = "notary-draw-certificate/1";

    /// <summary>Bytes of facts.json. draw.json itself may have eight times as many; then there is no certificate: it would have thousands of pages.</summary>
    public const int MaxBytes = 1 << 20;

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>The certificate's number: year as the office's clock has it, short name, place of the result's deposit in the log.</summary>
    public static string NumberOf(DateTimeOffset issuedAt, string shortName, long index)
        => string.Create(CultureInfo.InvariantCulture, $"〔{issuedAt.ToOffset(TimeSpan.FromHours(8)).Year}〕{shortName}摇字第{index + 1}号");

    /// <summary>The bytes of <c>facts.json</c> (RFC 8785).</summary>
    public byte[] ToJson() => Jcs.Canonicalize(new JsonObject
    {
        ["format"] = Format,
        ["number"] = Number,
        ["office"] = new JsonObject
        {
            ["zh"] = Office.Chinese,
            ["en"] = Office.English,
            ["shortName"] = Parties.ShortName,
            ["address"] = Parties.Address,
            ["operator"] = Parties.Operator,
        },
        ["chain"] = new JsonObject { ["name"] = Parties.ChainName, ["operator"] = Parties.ChainOperator },
        ["title"] = Title,
        ["organiser"] = Organiser,
        ["draw"] = JsonNode.Parse(Draw.ToBytes()),
        ["result"] = JsonNode.Parse(Result.ToBytes()),
        ["plan"] = Plan.ToString(),
        ["beaconAt"] = BeaconAt is { } at ? Text(at) : null,
        ["commits"] = new JsonArray([.. Commits.Select(c => (JsonNode)new JsonObject { ["party"] = c.Party, ["revealed"] = c.Revealed })]),
        ["approvals"] = new JsonArray([.. Approvals.Select(a
            => (JsonNode)new JsonObject { ["step"] = a.Step, ["notary"] = a.Notary, ["at"] = Text(a.At) })]),
        ["deposits"] = new JsonObject { ["commitment"] = CommitmentDeposit, ["result"] = ResultDeposit },
        ["verifyUrl"] = VerifyUrl.OriginalString,
        ["issuedAt"] = Text(IssuedAt),
    });

    /// <summary>Reads <c>facts.json</c>. Strict: what is missing, unknown or not canonical is refused.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public static CertificateFacts Parse(ReadOnlyMemory<byte> json)
    {
        if (json.Length > MaxBytes)
            throw Bad($"facts.json has more than {MaxBytes} bytes");

        CertificateFacts facts;
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = Jcs.MaxDepth, AllowDuplicateProperties = false });
            facts = Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException or ArgumentException)
        {
            throw new FaultException(Fault.Malformed, "facts.json is not the facts of a draw's certificate", e);
        }

        if (!facts.ToJson().AsSpan().SequenceEqual(json.Span))
            throw Bad("facts.json is not in canonical form");

        return facts.Agrees() ? facts : throw Bad("facts.json contradicts itself");
    }

    private static CertificateFacts Read(JsonElement root)
    {
        var (office, chain, deposits) = (root.GetProperty("office"), root.GetProperty("chain"), root.GetProperty("deposits"));
        if (Text(root, "format") != Format)
            throw Bad("facts.json is of another format");

        return new CertificateFacts(
            Text(root, "number"),
            new LetterOffice(Text(office, "zh"), Text(office, "en")),
            new LetterParties(Text(office, "shortName"), Text(office, "address"), Text(office, "operator"), Text(chain, "name"), Text(chain, "operator")),
            Text(root, "title"),
            Text(root, "organiser"),
            DrawDocument.Parse(Encoding.UTF8.GetBytes(root.GetProperty("draw").GetRawText())),
            DrawResult.Parse(Encoding.UTF8.GetBytes(root.GetProperty("result").GetRawText())),
            Digest.Parse(Text(root, "plan")),
            root.GetProperty("beaconAt").ValueKind == JsonValueKind.Null ? null : Time(root, "beaconAt"),
            [.. root.GetProperty("commits").EnumerateArray().Select(c => new CertificateParty(Text(c, "party"), c.GetProperty("revealed").GetBoolean()))],
            [.. root.GetProperty("approvals").EnumerateArray().Select(a => new CertificateApproval(Text(a, "step"), Text(a, "notary"), Time(a, "at")))],
            Text(deposits, "commitment"),
            Text(deposits, "result"),
            new Uri(Text(root, "verifyUrl"), UriKind.Absolute),
            Time(root, "issuedAt"));
    }

    /// <summary>Whether it says of the draw what the draw's own files say.</summary>
    /// <param name="draw">draw.json.</param>
    /// <param name="result">result.json.</param>
    /// <param name="reveals">reveals.json.</param>
    public bool IsOf(DrawDocument draw, DrawResult result, DrawReveals reveals)
        => Draw.Commitment() == draw.Commitment() && Result.ToDigest() == result.ToDigest()
            && Commits.SequenceEqual(reveals.Commits.Select(c => new CertificateParty(c.Party.ToLowerHex(), c.Secret is not null)));

    private bool Agrees()
        => Result.DrawId == Draw.Id && Result.Kind == Draw.Kind && Result.Commitment == Draw.Commitment()
            && Result.Rounds.Count == Draw.Rules.Rounds.Count && BeaconAt is null == Draw.Beacon is not BeaconPlan.Drand
            && Result.Reveals.Select(r => r.Index).SequenceEqual(Commits.Select((c, i) => (c, i)).Where(c => c.c.Revealed).Select(c => c.i));

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString() ?? throw Bad($"{name} is null");

    private static DateTimeOffset Time(JsonElement of, string name) => DateTimeOffset.ParseExact(
        Text(of, name), TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

    private static FaultException Bad(string why) => new(Fault.Malformed, why);
}
