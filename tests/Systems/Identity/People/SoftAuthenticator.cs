using System.Buffers.Binary;
using System.Buffers.Text;
using System.Formats.Cbor;
using System.Text.Json.Nodes;

namespace Notary.Identity.Tests.People;

/// <summary>A platform authenticator in software, and the client in front of it: real keys, real CBOR, real signatures. What a test wants wrong it
/// says so, and gets it signed.</summary>
internal sealed class SoftAuthenticator(string origin) : IDisposable
{
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public byte[] CredentialId { get; init; } = RandomNumberGenerator.GetBytes(32);

    public byte[]? UserHandle { get; set; }

    public uint Counter { get; set; }

    /// <summary>What goes into the next answers.</summary>
    public string Origin { get; set; } = origin;

    public string? RelyingParty { get; set; }

    public bool UserVerified { get; set; } = true;

    public bool UserPresent { get; set; } = true;

    public bool CrossOrigin { get; set; }

    /// <summary>navigator.credentials.create: RegistrationResponseJSON.</summary>
    public byte[] Create(string options)
    {
        var asked = JsonNode.Parse(options)!;
        UserHandle = Base64Url.DecodeFromChars((string)asked["user"]!["id"]!);
        var data = AuthenticatorData((string)asked["rp"]!["id"]!, attested: true);
        var cbor = new CborWriter(CborConformanceMode.Ctap2Canonical);
        cbor.WriteStartMap(3);
        cbor.WriteTextString("fmt");
        cbor.WriteTextString("none");
        cbor.WriteTextString("attStmt");
        cbor.WriteStartMap(0);
        cbor.WriteEndMap();
        cbor.WriteTextString("authData");
        cbor.WriteByteString(data);
        cbor.WriteEndMap();
        return Answer(new JsonObject
        {
            ["clientDataJSON"] = Base64Url.EncodeToString(ClientData("webauthn.create", (string)asked["challenge"]!)),
            ["attestationObject"] = Base64Url.EncodeToString(cbor.Encode()),
            ["transports"] = new JsonArray("internal"),
        });
    }

    /// <summary>navigator.credentials.get: AuthenticationResponseJSON.</summary>
    public byte[] Get(string options, string type = "webauthn.get")
    {
        var asked = JsonNode.Parse(options)!;
        Counter += Counter > 0 ? 1u : 0u;
        var (data, client) = (AuthenticatorData((string)asked["rpId"]!, attested: false), ClientData(type, (string)asked["challenge"]!));
        var signature = key.SignData([.. data, .. SHA256.HashData(client)], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return Answer(new JsonObject
        {
            ["clientDataJSON"] = Base64Url.EncodeToString(client),
            ["authenticatorData"] = Base64Url.EncodeToString(data),
            ["signature"] = Base64Url.EncodeToString(signature),
            ["userHandle"] = UserHandle is null ? null : Base64Url.EncodeToString(UserHandle),
        });
    }

    public void Dispose() => key.Dispose();

    private byte[] Answer(JsonObject response) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["id"] = Base64Url.EncodeToString(CredentialId),
        ["rawId"] = Base64Url.EncodeToString(CredentialId),
        ["type"] = "public-key",
        ["authenticatorAttachment"] = "platform",
        ["clientExtensionResults"] = new JsonObject(),
        ["response"] = response,
    });

    private byte[] ClientData(string type, string challenge) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["type"] = type,
        ["challenge"] = challenge,
        ["origin"] = Origin,
        ["crossOrigin"] = CrossOrigin,
    });

    // Web Authentication Level 3 §6.1.
    private byte[] AuthenticatorData(string relyingParty, bool attested)
    {
        var flags = (byte)((UserPresent ? 0x01 : 0) | (UserVerified ? 0x04 : 0) | (attested ? 0x40 : 0));
        var counter = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(counter, Counter);
        byte[] head = [.. SHA256.HashData(Encoding.UTF8.GetBytes(RelyingParty ?? relyingParty)), flags, .. counter];
        return attested ? [.. head, .. new byte[16], 0, (byte)CredentialId.Length, .. CredentialId, .. PublicKey()] : head;
    }

    // RFC 9053 §7.1.1: kty EC2, alg ES256, crv P-256.
    private byte[] PublicKey()
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        var cbor = new CborWriter(CborConformanceMode.Ctap2Canonical);
        cbor.WriteStartMap(5);
        foreach (var (label, value) in new[] { (1, 2), (3, -7), (-1, 1) })
        {
            cbor.WriteInt32(label);
            cbor.WriteInt32(value);
        }

        cbor.WriteInt32(-2);
        cbor.WriteByteString(point.X!);
        cbor.WriteInt32(-3);
        cbor.WriteByteString(point.Y!);
        cbor.WriteEndMap();
        return cbor.Encode();
    }
}
