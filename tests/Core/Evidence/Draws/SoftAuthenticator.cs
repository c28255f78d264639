using System.Buffers.Text;

namespace Notary.Evidence.Tests.Draws;

/// <summary>A notary's authenticator and browser in software. What a test wants wrong it says so, and gets it signed.</summary>
internal sealed class SoftAuthenticator(string notary) : IDisposable
{
    public const string RpId = "notary.example";

    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public string Notary => notary;

    public byte Flags { get; set; } = 0x05;

    public byte[] Extensions { get; set; } = [];

    /// <summary>Of clientData, in a browser's order.</summary>
    public Dictionary<string, object?> Client { get; } = new()
    {
        ["type"] = "webauthn.get", ["challenge"] = null, ["origin"] = $"https://{RpId}", ["crossOrigin"] = false,
    };

    public DrawApproval Approve(Digest drawId, ApprovalStep step, Digest digest, string rpId = RpId)
    {
        var challenge = DrawApproval.Challenge(drawId, step, digest, notary);
        var client = new Dictionary<string, object?>(Client);
        client["challenge"] ??= Base64Url.EncodeToString(challenge.ToArray());
        return Sign(step, digest, JsonSerializer.SerializeToUtf8Bytes(client), rpId);
    }

    public DrawApproval Sign(ApprovalStep step, Digest digest, byte[] clientData, string rpId = RpId)
    {
        byte[] data = [.. Digest.Of(Encoding.UTF8.GetBytes(rpId)).ToArray(), Flags, 0, 0, 0, 1, .. Extensions];
        var signature = key.SignData([.. data, .. SHA256.HashData(clientData)], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return new DrawApproval(step, digest, notary, "公证员 " + notary, new DateTimeOffset(2026, 11, 30, 8, 0, 0, TimeSpan.Zero),
            key.ExportSubjectPublicKeyInfo(), data, clientData, signature);
    }

    public void Dispose() => key.Dispose();
}
