using Notary.Verification.Letters;

namespace Notary.Cli;

/// <summary>Signed letters.</summary>
internal static class LetterOracle
{
    public static Answer Judge(Fields line)
    {
        var check = LetterVerifier.Check(line.Bytes("pdf"), line.Certificates("letterRoots"), line.Authorities("authorities"));
        return check.Ok
            ? Answer.Pass(
                check.Reason,
                ("signedAt", check.SignedAt!.Value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture)),
                ("signer", check.Signer),
                ("facts", JsonNode.Parse(check.Facts!.ToJson())))
            : Answer.Fail(check.Code, check.Reason);
    }
}
