namespace Notary.Verification.Letters;

public sealed partial record LetterFacts
{
    /// <summary>The value of member <c>format</c>.</summary>
    public const string Format = "notary-letter/2";

    /// <summary>The format that did not say who stands behind the letter; no longer issued, and read as it was.</summary>
    public const string FirstFormat = "notary-letter/1";

    /// <summary>Name under which the facts are attached to the PDF.</summary>
    public const string FileName = "facts.json";

    // 100 items of the longest names, notes and escapes come to some 300 KiB; a letter is never a way to make a verifier parse megabytes.
    private const int MaxBytes = 1 << 20;

    // Deepest real path: times[] → member.
    private const int MaxDepth = 6;

    // RFC 8785 numbers are IEEE doubles: above 2⁵³ two integers share one spelling.
    private const long MaxInteger = 1L << 53;

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'";

    /// <summary>The facts as canonical JSON (RFC 8785): the bytes of <c>facts.json</c>.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/> for text that is not valid Unicode.</exception>
    public byte[] ToJson() => Jcs.Canonicalize(Marked(new JsonObject
    {
        ["format"] = Parties is null ? FirstFormat : Format,
        ["id"] = Id.ToString(),
        ["number"] = Valid(Number),
        ["office"] = With(
            new JsonObject { ["zh"] = Valid(Office.Chinese), ["en"] = Valid(Office.English) },
            Parties is { } office ? [("shortName", office.ShortName), ("address", office.Address), ("operator", office.Operator)] : []),
        ["depositor"] = Valid(Depositor),
        ["depositorName"] = Valid(DepositorName),
        ["receivedAt"] = Text(ReceivedAt),
        ["kind"] = Valid(Kind),
        ["items"] = new JsonArray([.. Items.Select(Item)]),
        ["manifestDigest"] = ManifestDigest.ToString(),
        ["notes"] = Map(Notes),
        ["times"] = new JsonArray([.. Times.Select(t => With(
            new JsonObject
            {
                ["authority"] = Valid(t.Authority),
                ["genTime"] = Text(t.GenTime),
                ["serial"] = t.Serial,
                ["over"] = t.Over,
            },
            t.By is { } by ? [("legalName", by.LegalName), ("policy", by.Policy), ("certificate", by.Certificate.ToString())] : []))]),
        ["log"] = new JsonObject
        {
            ["origin"] = Valid(LogOrigin),
            ["index"] = LogIndex,
            ["size"] = CheckpointSize,
            ["root"] = CheckpointRoot.ToString(),
        },
        ["chain"] = With(
            new JsonObject
            {
                ["chainId"] = ChainId,
                ["contract"] = Contract,
                ["transaction"] = Transaction,
                ["block"] = Block,
                ["blockHash"] = BlockHash,
                ["blockTime"] = Text(BlockTime),
            },
            Parties is { } chain ? [("name", chain.ChainName), ("operator", chain.ChainOperator)] : []),
        ["verifyUrl"] = VerifyUrl.OriginalString,
        ["issuedAt"] = Text(IssuedAt),
    }));

    /// <summary>Reads <c>facts.json</c>. Strict: missing, unknown or misspelt members and bytes that are not canonical are refused.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public static LetterFacts Parse(ReadOnlyMemory<byte> json)
    {
        if (json.Length > MaxBytes)
            throw Bad($"facts.json has more than {MaxBytes} bytes");

        LetterFacts facts;
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
            facts = Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException or ArgumentException)
        {
            throw new FaultException(Fault.Malformed, "facts.json is not the facts of a letter", e);
        }

        // Also finds unknown and doubled members: they do not come back.
        return facts.ToJson().AsSpan().SequenceEqual(json.Span) ? facts : throw Bad("facts.json is not in canonical form");
    }

    private static LetterFacts Read(JsonElement root)
    {
        var (log, chain, office) = (root.GetProperty("log"), root.GetProperty("chain"), root.GetProperty("office"));
        var second = Text(root, "format") switch
        {
            Format => true,
            FirstFormat => false,
            _ => throw Bad("facts.json is of another format"),
        };
        return new LetterFacts(
            DepositId.Parse(Text(root, "id")),
            Text(root, "number"),
            Text(root, "depositor"),
            Text(root, "depositorName"),
            Time(root, "receivedAt"),
            Text(root, "kind"),
            [.. root.GetProperty("items").EnumerateArray().Select(Item)],
            Digest.Parse(Text(root, "manifestDigest")),
            Map(root.GetProperty("notes")),
            [.. root.GetProperty("times").EnumerateArray().Select(t
                => new LetterTime(Text(t, "authority"), Time(t, "genTime"), Text(t, "serial"), Text(t, "over"), second
                    ? new LetterAuthority(Text(t, "legalName"), Text(t, "policy"), Digest.Parse(Text(t, "certificate"))) : null))],
            Text(log, "origin"),
            Integer(log, "index"),
            Integer(log, "size"),
            Digest.Parse(Text(log, "root")),
            Integer(chain, "chainId"),
            Text(chain, "contract"),
            Text(chain, "transaction"),
            Integer(chain, "block"),
            Text(chain, "blockHash"),
            Time(chain, "blockTime"),
            new Uri(Text(root, "verifyUrl"), UriKind.Absolute),
            Time(root, "issuedAt"))
        {
            Office = new LetterOffice(Text(office, "zh"), Text(office, "en")),
            Parties = second
                ? new LetterParties(Text(office, "shortName"), Text(office, "address"), Text(office, "operator"), Text(chain, "name"), Text(chain, "operator"))
                : null,
            Test = root.TryGetProperty("test", out var test) && test.GetBoolean(),
        };
    }

    private JsonObject Marked(JsonObject json)
    {
        if (Test && Parties is not null)
            json["test"] = true;

        return json;
    }

    private static JsonObject With(JsonObject to, ReadOnlySpan<(string Name, string Text)> more)
    {
        foreach (var (name, text) in more)
            to[name] = Valid(text);

        return to;
    }

    private static JsonObject Item(ManifestItem item) => new()
    {
        ["name"] = Valid(item.Name),
        ["size"] = item.Size,
        ["mediaType"] = Valid(item.MediaType),
        ["digests"] = Map(item.Digests),
    };

    private static ManifestItem Item(JsonElement item) => new(
        Text(item, "name"),
        item.GetProperty("size").ValueKind == JsonValueKind.Null ? null : Integer(item, "size"),
        Text(item, "mediaType"),
        Map(item.GetProperty("digests")));

    private static JsonObject Map(IReadOnlyDictionary<string, string> map)
        => [.. map.Select(p => KeyValuePair.Create(Valid(p.Key), (JsonNode?)JsonValue.Create(Valid(p.Value))))];

    private static Dictionary<string, string> Map(JsonElement map)
        => map.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString() ?? throw Bad("a text is null"), StringComparer.Ordinal);

    // A JSON writer would quietly put U+FFFD in its place, and the letter would state another name than the evidence.
    private static string Valid(string text)
    {
        for (var rest = text.AsSpan(); !rest.IsEmpty;)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out var length) != OperationStatus.Done)
                throw Bad("a text of the letter holds a lone surrogate");

            rest = rest[length..];
        }

        return text;
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    private static string Text(JsonElement of, string name)
        => of.GetProperty(name).GetString() ?? throw Bad($"{name} is null");

    private static long Integer(JsonElement of, string name)
        => of.GetProperty(name).GetInt64() is >= 0 and <= MaxInteger and var value ? value : throw Bad($"{name} is out of range");

    private static DateTimeOffset Time(JsonElement of, string name) => DateTimeOffset.ParseExact(
        Text(of, name), TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

    private static FaultException Bad(string why) => new(Fault.Malformed, why);
}
