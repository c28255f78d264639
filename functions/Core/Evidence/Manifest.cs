using System.Buffers.Text;

namespace Notary.Evidence;

/// <summary>What is fixed in time: never the bare hash of a file, which can be guessed, but salted JSON in the form of RFC 8785 (docs/evidence-format.md,
/// "Manifest").</summary>
/// <param name="Id">The deposit's id.</param>
/// <param name="Kind">One of <see cref="Kinds"/>.</param>
/// <param name="Depositor">The depositor's DID.</param>
/// <param name="ReceivedAt">When the platform had received everything, UTC; kept to the millisecond. Legal time is a token's genTime, never this.</param>
/// <param name="Salt">32 random bytes, so that neither short nor guessable content can be found from the log.</param>
/// <param name="Items">1 to <see cref="MaxItems"/> things.</param>
/// <param name="NotBefore">The newest chain head known at the time: the manifest cannot be older than that block.</param>
/// <param name="Previous">Digest of an earlier manifest of the same chain of evidence.</param>
/// <param name="Notes">The depositor's own words.</param>
public sealed record Manifest(
    DepositId Id,
    string Kind,
    string Depositor,
    DateTimeOffset ReceivedAt,
    byte[] Salt,
    IReadOnlyList<ManifestItem> Items,
    ChainHead? NotBefore,
    Digest? Previous,
    IReadOnlyDictionary<string, string> Notes)
{
    public const string Format = "notary-manifest/1";

    /// <summary>Bytes of salt: as many as the digest has, so that the salt is never the weakest part.</summary>
    public const int SaltBytes = 32;

    /// <summary>Items a manifest may hold: a letter prints them all.</summary>
    public const int MaxItems = 100;

    /// <summary>UTF-16 units of a name: the longest that Windows holds, and more than the 255 bytes of other systems.</summary>
    public const int MaxNameLength = 255;

    /// <summary>Bytes of UTF-8 in a media type (RFC 6838 §4.2 allows 127 for each half).</summary>
    public const int MaxMediaTypeBytes = 255;

    /// <summary>Bytes of UTF-8 in a DID.</summary>
    public const int MaxDepositorBytes = 512;

    /// <summary>Notes a manifest may hold: a letter prints them all.</summary>
    public const int MaxNotes = 32;

    /// <summary>Bytes of UTF-8 in the names and texts of all notes together: they are metadata, not a way round the size limits of content.</summary>
    public const int MaxNotesBytes = 8 * 1024;

    /// <summary>Bytes of a whole manifest: more than the bounds above can add up to; keeps a parser from reading without end.</summary>
    public const int MaxBytes = 512 * 1024;

    /// <summary>Largest size in bytes that a JSON number holds exactly (RFC 8785 §3.2.2.3): 2⁵³ − 1.</summary>
    public const long MaxSize = (1L << 53) - 1;

    internal const string Sha256Name = "sha-256";

    internal const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>Every kind there is.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["file", "digest", "forensics", "draw", "contract", Batches.BatchFormat.Kind];

    /// <summary>UTC, cut to the millisecond that the format carries.</summary>
    public DateTimeOffset ReceivedAt { get; init; } = new(ReceivedAt.UtcTicks - (ReceivedAt.UtcTicks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);

    /// <summary>Of a batch, and of nothing else: how many items its tree has.</summary>
    public long? ItemCount { get; init; }

    /// <summary>Of a batch, and of nothing else: the root of the tree of its items.</summary>
    public Digest? ItemsRoot { get; init; }

    /// <summary>Whether it is a test deposit of a sandbox tenant: what is proved about it is proved about nothing real. No member when it is none.</summary>
    public bool Test { get; init; }

    /// <summary>The canonical bytes: what is hashed, logged, timestamped and put in a bundle.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/> when a field is outside its bounds: what cannot be parsed is never written.</exception>
    public byte[] ToBytes()
    {
        ManifestRules.Check(this);
        var output = new ArrayBufferWriter<byte>(512 + (Items.Count * 256));
        var w = new JcsWriter(output);

        // Members stand here in the order of RFC 8785 §3.2.3; a test compares with Jcs.
        w.Raw("{\"depositor\":"u8);
        w.String(Depositor);
        w.Raw(",\"format\":\"notary-manifest/1\",\"id\":"u8);
        w.String(Id.ToString());
        if (ItemCount is { } count)
        {
            w.Raw(",\"itemCount\":"u8);
            WriteInteger(w, count);
        }

        w.Raw(",\"items\":["u8);
        for (var i = 0; i < Items.Count; i++)
        {
            w.Raw(i > 0 ? ",{\"digests\":"u8 : "{\"digests\":"u8);
            WriteMap(w, Items[i].Digests);
            w.Raw(",\"mediaType\":"u8);
            w.String(Items[i].MediaType);
            w.Raw(",\"name\":"u8);
            w.String(Items[i].Name);
            w.Raw(",\"size\":"u8);
            WriteInteger(w, Items[i].Size);
            w.Raw("}"u8);
        }

        w.Raw("]"u8);
        if (ItemsRoot is { } root)
        {
            w.Raw(",\"itemsRoot\":"u8);
            w.String(root.ToString());
        }

        w.Raw(",\"kind\":"u8);
        w.String(Kind);
        w.Raw(",\"notBefore\":"u8);
        if (NotBefore is null)
        {
            w.Raw("null"u8);
        }
        else
        {
            w.Raw("{\"block\":"u8);
            WriteInteger(w, NotBefore.Block);
            w.Raw(",\"chainId\":"u8);
            WriteInteger(w, NotBefore.ChainId);
            w.Raw(",\"hash\":"u8);
            w.String(NotBefore.Hash);
            w.Raw("}"u8);
        }

        w.Raw(",\"notes\":"u8);
        WriteMap(w, Notes);
        w.Raw(",\"previous\":"u8);
        if (Previous is { } previous)
            w.String(previous.ToString());
        else
            w.Raw("null"u8);

        w.Raw(",\"receivedAt\":"u8);
        w.String(ReceivedAt.ToString(TimeFormat, CultureInfo.InvariantCulture));
        w.Raw(",\"salt\":"u8);
        w.String(Base64Url.EncodeToString(Salt));
        w.Raw(Test ? ",\"test\":true}"u8 : "}"u8);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>SHA-256 of <see cref="ToBytes"/>: the log entry's data and the tokens' imprint.</summary>
    public Digest ToDigest() => Digest.Of(ToBytes());

    /// <summary>Reads a manifest, strictly: every member present, no other member, canonical bytes, every bound kept.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/> with the member's name.</exception>
    public static Manifest Parse(ReadOnlySpan<byte> bytes) => ManifestParser.Parse(bytes);

    private static void WriteMap(JcsWriter w, IReadOnlyDictionary<string, string> map)
    {
        w.Raw("{"u8);
        var first = true;
        foreach (var name in map.Keys.Order(StringComparer.Ordinal))
        {
            if (!first)
                w.Raw(","u8);

            first = false;
            w.String(name);
            w.Raw(":"u8);
            w.String(map[name]);
        }

        w.Raw("}"u8);
    }

    private static void WriteInteger(JcsWriter w, long? value)
    {
        Span<byte> digits = stackalloc byte[20];
        if (value is null)
        {
            w.Raw("null"u8);
            return;
        }

        Utf8Formatter.TryFormat(value.Value, digits, out var length);
        w.Raw(digits[..length]);
    }
}
