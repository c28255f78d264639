using Azure.Core.Pipeline;

namespace Notary.Keys;

/// <summary>The vault's challenge authentication: ask without a token, learn from the 401 which token is wanted, ask again with it.</summary>
/// <remarks>
/// 1. With no challenge known, the request goes out without token and without body. 2. A 401 with a challenge gives scope
/// and tenant. 3. The token is kept until it is nearly spent. 4. A 401 later on (a token revoked, a vault moved to
/// another tenant) is answered once with a fresh token; a second 401 is the caller's.
/// </remarks>
internal sealed class VaultAuthenticationPolicy(TokenCredential credential, TimeProvider clock) : HttpPipelinePolicy
{
    /// <summary>A token this close to its end might be spent on the way.</summary>
    private static readonly TimeSpan ExpiryMargin = TimeSpan.FromMinutes(2);

    private volatile State state = new(null, default);

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        => ProcessCoreAsync(message, pipeline, false).AsTask().GetAwaiter().GetResult();

    public override ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        => ProcessCoreAsync(message, pipeline, true);

    private static async ValueTask NextAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline, bool isAsync)
    {
        if (isAsync)
            await ProcessNextAsync(message, pipeline);
        else
            ProcessNext(message, pipeline);
    }

    private async ValueTask ProcessCoreAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline, bool isAsync)
    {
        var vault = message.Request.Uri.ToUri();
        var known = state;
        if (known.Challenge is null)
        {
            var body = message.Request.Content;
            message.Request.Headers.Remove(HttpHeader.Names.Authorization);
            message.Request.Content = null;
            await NextAsync(message, pipeline, isAsync);
            message.Request.Content = body;
        }
        else
        {
            await AuthorizeAsync(message, known, isAsync);
            await NextAsync(message, pipeline, isAsync);
        }

        if (message.Response.Status == 401
            && message.Response.Headers.TryGetValue(HttpHeader.Names.WwwAuthenticate, out var header)
            && VaultChallenge.TryParse(header, vault, out var challenge))
        {
            message.Response.Dispose();
            await AuthorizeAsync(message, new(challenge, default), isAsync);
            await NextAsync(message, pipeline, isAsync);
        }
    }

    private async ValueTask AuthorizeAsync(HttpMessage message, State from, bool isAsync)
    {
        var token = from.Token;
        if (token.ExpiresOn <= clock.GetUtcNow() + ExpiryMargin)
        {
            var request = from.Challenge!.ToRequest();
            token = isAsync ? await credential.GetTokenAsync(request, message.CancellationToken) : credential.GetToken(request, message.CancellationToken);
            state = new(from.Challenge, token);
        }

        message.Request.Headers.SetValue(HttpHeader.Names.Authorization, "Bearer " + token.Token);
    }

    private sealed record State(VaultChallenge? Challenge, AccessToken Token);
}
