using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.Core;

namespace Notary.Identity.Stores;

/// <summary>OpenIddict's manager, with secrets as ours are kept (<see cref="Client.Matches"/>): its own hash slows down guesses, of which there are none
/// to make.</summary>
internal sealed class ClientManager(IOpenIddictApplicationCache<Client> cache, ILogger<ClientManager> logger, IOptionsMonitor<OpenIddictCoreOptions> options,
    IOpenIddictApplicationStore<Client> store, TimeProvider clock)
    : OpenIddictApplicationManager<Client>(cache, logger, options, store)
{
    public override ValueTask<bool> ValidateClientSecretAsync(Client application, string secret, CancellationToken cancellationToken = default)
        => ValueTask.FromResult(application.Matches(secret, clock.GetUtcNow()));
}
