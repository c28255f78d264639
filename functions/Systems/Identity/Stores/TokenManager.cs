using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.Core;

namespace Notary.Identity.Stores;

/// <summary>OpenIddict's manager, for which the reference of a pushed request is the id of its row.</summary>
/// <remarks>256 random bits, for ten minutes, good with the client's id only (RFC 9126 §7.1): an index from another name to the row would double
/// the writes.</remarks>
internal sealed class TokenManager(IOpenIddictTokenCache<IssuedToken> cache, ILogger<TokenManager> logger, IOptionsMonitor<OpenIddictCoreOptions> options,
    IOpenIddictTokenStore<IssuedToken> store)
    : OpenIddictTokenManager<IssuedToken>(cache, logger, options, store)
{
    public override ValueTask<IssuedToken?> FindByReferenceIdAsync(string identifier, CancellationToken cancellationToken = default)
        => FindByIdAsync(identifier, cancellationToken);
}
