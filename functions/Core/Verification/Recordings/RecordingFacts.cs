using Notary.Verification.Letters;

namespace Notary.Verification.Recordings;

/// <summary>Everything a remote forensics letter (远程取证存证函) states, and nothing else: its pages show it, and it rides inside the PDF as
/// <c>facts.json</c>.</summary>
/// <param name="Number">In the office's register, as printed.</param>
/// <param name="Office">Who certifies.</param>
/// <param name="Parties">Who else stands behind it.</param>
/// <param name="Deposit">The deposit of the package.</param>
/// <param name="Recording">What the package says.</param>
/// <param name="VerifyUrl">Where a reader sees the deposit; also in the QR code.</param>
/// <param name="IssuedAt">When the letter was made; the signature's time-stamp, not this, proves when it was signed.</param>
public sealed record RecordingFacts(
    string Number, LetterOffice Office, LetterParties Parties, RecordingDeposit Deposit, RecordingSummary Recording, Uri VerifyUrl, DateTimeOffset IssuedAt)
{
    /// <summary>The value of member <c>format</c>.</summary>
    public const string FormatName = "notary-recording-letter/1";

    /// <summary>Bytes of facts.json: every list and text of a summary is bounded, and all of them at their bounds come to less.</summary>
    public const int MaxBytes = 2 << 20;

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
        MaxDepth = Jcs.MaxDepth,
        Converters = { new DigestText(), new IdText(), new MomentText() },
    };

    /// <summary>Says what it is.</summary>
    public string Format { get; init; } = FormatName;

    /// <summary>The letter's number: year as the office's clock has it, short name, place of the package's deposit in the log.</summary>
    public static string NumberOf(DateTimeOffset issuedAt, string shortName, long index)
        => string.Create(CultureInfo.InvariantCulture, $"〔{issuedAt.ToOffset(TimeSpan.FromHours(8)).Year}〕{shortName}远取字第{index + 1}号");

    /// <summary>The bytes of <c>facts.json</c> (RFC 8785).</summary>
    public byte[] ToJson() => Jcs.Canonicalize(JsonSerializer.SerializeToNode(this, Options));

    /// <summary>Reads <c>facts.json</c>. Strict: what is missing, unknown or not canonical is refused.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public static RecordingFacts Parse(ReadOnlyMemory<byte> json)
    {
        if (json.Length > MaxBytes)
            throw Bad($"facts.json has more than {MaxBytes} bytes");

        RecordingFacts facts;
        try
        {
            facts = JsonSerializer.Deserialize<RecordingFacts>(json.Span, Options) ?? throw Bad("facts.json is null");
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or ArgumentException)
        {
            throw new FaultException(Fault.Malformed, "facts.json is not the facts of a remote forensics letter", e);
        }

        if (facts.Format != FormatName)
            throw Bad("facts.json is of another format");

        if (!facts.ToJson().AsSpan().SequenceEqual(json.Span))
            throw Bad("facts.json is not in canonical form");

        var said = facts.Recording;
        return (said.Gaps.Total > 0 || said.Missing == 0)
            && said.Gaps.IsWhole && said.Checks.IsWhole && said.Files.IsWhole && said.Marks.IsWhole && said.Captures.IsWhole
            && said.Captures.Listed.All(c => c.Compared?.Differences.IsWhole != false)
            ? facts : throw Bad("facts.json contradicts itself");
    }

    /// <summary>The pictures on its pages, in their order: SHA-256 of each as it stands in the PDF.</summary>
    public IEnumerable<Digest> PicturesShown()
        => Recording.Marks.Listed.Select(m => m.Shown).Concat(Recording.Captures.Listed.Select(c => c.Shown)).OfType<Digest>();

    private static FaultException Bad(string why) => new(Fault.Malformed, why);

    private sealed class DigestText : System.Text.Json.Serialization.JsonConverter<Digest>
    {
        public override Digest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Digest.Parse(reader.GetString() ?? "");

        public override void Write(Utf8JsonWriter writer, Digest value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }

    private sealed class IdText : System.Text.Json.Serialization.JsonConverter<DepositId>
    {
        public override DepositId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
            => DepositId.Parse(reader.GetString() ?? "");

        public override void Write(Utf8JsonWriter writer, DepositId value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }

    /// <summary>To the millisecond, as recordings say it.</summary>
    private sealed class MomentText : System.Text.Json.Serialization.JsonConverter<DateTimeOffset>
    {
        private const string Form = Evidence.Forensics.ForensicsFormat.TimeFormat;

        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
            => DateTimeOffset.ParseExact(reader.GetString() ?? "", Form, CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
            => writer.WriteStringValue(value.UtcDateTime.ToString(Form, CultureInfo.InvariantCulture));
    }
}

/// <summary>The deposit of a recording's package, and what its depositor says of the session.</summary>
/// <param name="Depositor">His DID.</param>
/// <param name="Name">As registered.</param>
/// <param name="Id">Of the deposit.</param>
/// <param name="Manifest">SHA-256 of its manifest.</param>
/// <param name="Index">In the log, from 0.</param>
/// <param name="Size">Bytes of the package.</param>
/// <param name="Package">SHA-256 of the package.</param>
/// <param name="Page">That the desktop's browser was led to.</param>
/// <param name="Label">The depositor's own words, perhaps none.</param>
/// <param name="Desktop">Where the desktop ran.</param>
public sealed record RecordingDeposit(
    string Depositor, string Name, DepositId Id, Digest Manifest, long Index, long Size, Digest Package, string Page, string Label, string Desktop)
{
    /// <summary>Whether its manifest says that it is a test; no member when it is none.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingDefault)]
    public bool Test { get; init; }
}
