using System.Buffers.Text;
using System.Text.Json.Nodes;

namespace Notary.Evidence.Draws;

/// <summary>What two notaries approve, in the order of a draw's life.</summary>
public enum ApprovalStep
{
    /// <summary>Plan and list: the digest is that of plan.json.</summary>
    Publish,

    /// <summary>What goes on chain before there is any randomness: the digest is the commitment.</summary>
    Commit,

    /// <summary>The result: the digest is that of result.json.</summary>
    Result,
}

/// <summary>One notary's approval of one step (docs/draw-format.md §10): an assertion of Web Authentication over exactly that.</summary>
/// <param name="Step">Of what.</param>
/// <param name="Digest">Of the document that was approved.</param>
/// <param name="Notary">Who, by the office's name for him.</param>
/// <param name="Name">Who, for people. Not signed.</param>
/// <param name="At">When the office took it, to the second. Not signed.</param>
/// <param name="Key">His passkey's, as SubjectPublicKeyInfo of P-256.</param>
/// <param name="AuthenticatorData">As the authenticator gave it.</param>
/// <param name="ClientData">As the browser gave it.</param>
/// <param name="Signature">ECDSA over SHA-256, DER.</param>
public sealed record DrawApproval(
    ApprovalStep Step, Digest Digest, string Notary, string Name, DateTimeOffset At, byte[] Key, byte[] AuthenticatorData, byte[] ClientData, byte[] Signature)
{
    /// <summary>Characters of an office's name for somebody: OpenID Connect's bound of a subject; and of a name.</summary>
    public const int MaxNotary = 255, MaxName = 200;

    /// <summary>Bytes: browsers and authenticators send a tenth of that, and a signature of P-256 has at most 72.</summary>
    public const int MaxClientData = 2048, MaxAuthenticatorData = 1024, MaxSignature = 72;

    /// <summary>Bytes of a P-256 key in its only encoding.</summary>
    public const int KeyBytes = 91;

    // RFC 5480 §2: id-ecPublicKey, prime256v1, and a point that is not compressed.
    internal static readonly byte[] KeyHead = Convert.FromHexString("3059301306072a8648ce3d020106082a8648ce3d03010703420004");

    // Web Authentication Level 3 §6.1: hash of the relying party's id, flags, counter; then what the flags announce.
    private const int Head = Digest.Size + 1 + 4;
    private const byte UserPresent = 0x01, UserVerified = 0x04, Attested = 0x40, Extended = 0x80;

    private static readonly byte[] Domain = Domains.Of("approval");
    private static readonly string[] Steps = ["publish", "commit", "result"];

    /// <summary>What the authenticator is asked to sign: 32 bytes, the options' challenge.</summary>
    public static Digest Challenge(Digest drawId, ApprovalStep step, Digest digest, string notary)
        => Digest.Of([.. Domain, .. Jcs.Canonicalize(new JsonObject
        {
            ["digest"] = digest.ToString(),
            ["drawId"] = drawId.ToString(),
            ["notary"] = notary,
            ["step"] = Word(step),
        })]);

    /// <summary>As files and the interface spell it.</summary>
    public static string Word(ApprovalStep step) => Steps[(int)step];

    /// <summary>Whether the key's holder has, present and verified, signed this for this draw at this relying party.</summary>
    public bool Holds(Digest drawId, string rpId)
        => IsBounded() && HoldsAuthenticatorData(rpId) && HoldsClientData(Challenge(drawId, Step, Digest, Notary), rpId) && IsSigned();

    internal JsonObject ToJson() => new()
    {
        ["at"] = At.UtcDateTime.ToString(DrawJson.TimeFormat, CultureInfo.InvariantCulture),
        ["authenticatorData"] = Base64Url.EncodeToString(AuthenticatorData),
        ["clientData"] = Base64Url.EncodeToString(ClientData),
        ["digest"] = Digest.ToString(),
        ["key"] = Base64Url.EncodeToString(Key),
        ["name"] = Name,
        ["notary"] = Notary,
        ["signature"] = Base64Url.EncodeToString(Signature),
        ["step"] = Word(Step),
    };

    internal static DrawApproval Read(JsonElement json)
    {
        var step = Array.IndexOf(Steps, DrawJson.Text(json, "step"));
        var one = new DrawApproval(
            step >= 0 ? (ApprovalStep)step : throw new FormatException("step"),
            DrawJson.Hash(json, "digest"), DrawJson.Text(json, "notary"), DrawJson.Text(json, "name"), DrawJson.Time(json, "at"),
            Bytes("key"), Bytes("authenticatorData"), Bytes("clientData"), Bytes("signature"));
        return one.IsBounded() ? one : throw new FormatException("approval");

        byte[] Bytes(string member) => Base64Url.DecodeFromChars(DrawJson.Text(json, member));
    }

    private bool IsBounded()
        => Notary.Length is > 0 and <= MaxNotary && Name.Length <= MaxName && Key.Length == KeyBytes && Signature.Length <= MaxSignature
        && ClientData.Length <= MaxClientData && AuthenticatorData.Length is >= Head and <= MaxAuthenticatorData;

    private bool HoldsAuthenticatorData(string rpId)
    {
        var flags = AuthenticatorData[Digest.Size];
        return new Digest(AuthenticatorData.AsSpan(0, Digest.Size)) == Digest.Of(Encoding.UTF8.GetBytes(rpId))
            && (flags & (UserPresent | UserVerified | Attested)) == (UserPresent | UserVerified)
            && ((flags & Extended) != 0) == (AuthenticatorData.Length > Head);
    }

    // §7.2: browsers choose order and more members, so this is JSON of any spelling; only no member may be there twice.
    private bool HoldsClientData(Digest challenge, string rpId)
    {
        try
        {
            using var json = JsonDocument.Parse(ClientData, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = Jcs.MaxDepth });
            var client = json.RootElement;
            return DrawJson.Text(client, "type") == "webauthn.get"
                && DrawJson.Text(client, "challenge") == Base64Url.EncodeToString(challenge.ToArray())
                && IsOf(DrawJson.Text(client, "origin"), rpId)
                && !(client.TryGetProperty("crossOrigin", out var cross) && cross.ValueKind != JsonValueKind.False);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return false;
        }
    }

    // A relying party's id is a domain of its origin. Without TLS only the browser's own machine is a secure context.
    private static bool IsOf(string origin, string rpId)
        => rpId.Length > 0 && Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.GetLeftPart(UriPartial.Authority) == origin
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && IsUnder(uri.Host, "localhost")))
        && uri.UserInfo.Length == 0 && IsUnder(uri.Host, rpId);

    private static bool IsUnder(string host, string domain) => host == domain || host.EndsWith("." + domain, StringComparison.Ordinal);

    private bool IsSigned()
    {
        // One encoding of a key, or one key could pass for two.
        if (!Key.AsSpan().StartsWith(KeyHead))
            return false;

        byte[] signed = [.. AuthenticatorData, .. SHA256.HashData(ClientData)];
        try
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(Key, out _);
            return EcdsaDer.IsStrict(Signature) && key.VerifyData(signed, Signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (Exception e) when (e is CryptographicException or PlatformNotSupportedException)
        {
            return false; // no point of the curve
        }
    }
}
