namespace Notary.Keys;

/// <summary>A fixed token for a vault on this machine, where no identity service issues one. <see cref="KeyClient"/> refuses it for any other vault.</summary>
public sealed class LoopbackCredential(string token) : TokenCredential
{
    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
        => new(token, DateTimeOffset.MaxValue);

    public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken)
        => ValueTask.FromResult(GetToken(requestContext, cancellationToken));
}
