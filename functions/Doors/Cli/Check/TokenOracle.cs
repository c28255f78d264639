namespace Notary.Cli;

/// <summary>RFC 3161 tokens, bare or in a response.</summary>
internal static class TokenOracle
{
    public static Answer Judge(Fields line)
    {
        var verifier = new TokenVerifier(line.Certificates("roots"), line.OptionalText("policy"));
        var imprint = line.Has("imprint") ? line.Digest("imprint") : Digest.Of(line.Bytes("data"));
        var nonce = line.OptionalBytes("nonce");
        var check = line.Has("response") ? verifier.CheckResponse(line.Bytes("response"), imprint, nonce) : verifier.Check(line.Bytes("token"), imprint, nonce);
        return check.Ok
            ? Answer.Pass(
                check.Reason,
                ("genTime", check.GenTime!.Value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture)),
                ("serial", check.SerialHex),
                ("policyOid", check.PolicyOid),
                ("subject", check.Subject))
            : Answer.Fail(check.Code, check.Reason);
    }
}
