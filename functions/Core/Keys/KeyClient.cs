using System.Text.Json.Nodes;
using Azure;
using Azure.Core.Pipeline;

namespace Notary.Keys;

/// <summary>Retries and timeouts of the vault's clients.</summary>
public sealed class KeyClientOptions : ClientOptions
{
    /// <summary>Vaults throttle by design (429 with Retry-After); a few patient tries get through.</summary>
    public KeyClientOptions()
    {
        Retry.Mode = RetryMode.Exponential;
        Retry.MaxRetries = 4;
        Retry.Delay = TimeSpan.FromMilliseconds(200);
        Retry.MaxDelay = TimeSpan.FromSeconds(4);
        // One signature takes milliseconds; a silent vault is tried again well before the caller's patience ends.
        Retry.NetworkTimeout = TimeSpan.FromSeconds(10);
        Diagnostics.IsTelemetryEnabled = false;
    }
}

/// <summary>Keys of one Azure Key Vault, API version 7.4, in the shape of Azure.Security.KeyVault.Keys' client,
/// which this feed does not have (docs/decisions).</summary>
/// <remarks>Failures are <see cref="RequestFailedException"/> with the vault's status and code. Plain http is accepted for a loopback vault only:
/// tokens travel in a header.</remarks>
public sealed class KeyClient
{
    internal const string ApiVersion = "7.4";

    private readonly HttpPipeline pipeline;

    /// <param name="vaultUri">Such as <c>https://name.vault.azure.net</c>.</param>
    /// <param name="credential">Gives the token that the vault's challenge asks for.</param>
    /// <param name="options">Retries and timeouts.</param>
    /// <param name="clock">Decides when a token is spent; default the system's.</param>
    /// <exception cref="ArgumentException">Plain http, or a fixed token, for a vault that is not on this machine.</exception>
    public KeyClient(Uri vaultUri, TokenCredential credential, KeyClientOptions? options = null, TimeProvider? clock = null)
    {
        if (vaultUri.Scheme != Uri.UriSchemeHttps && !vaultUri.IsLoopback)
            throw new ArgumentException($"the vault {vaultUri.Host} must be reached by https", nameof(vaultUri));

        if (credential is LoopbackCredential && !vaultUri.IsLoopback)
            throw new ArgumentException($"a fixed token is for a vault on this machine, not for {vaultUri.Host}", nameof(credential));

        VaultUri = new Uri(vaultUri.AbsoluteUri.TrimEnd('/') + "/");
        pipeline = HttpPipelineBuilder.Build(options ?? new KeyClientOptions(), new VaultAuthenticationPolicy(credential, clock ?? TimeProvider.System));
    }

    public Uri VaultUri { get; }

    /// <summary>Creates an EC key for signing, or a new version of it.</summary>
    public Task<Response<KeyVaultKey>> CreateEcKeyAsync(string name, KeyCurveName curve, CancellationToken cancel = default)
        => CreateAsync(name, new JsonObject { ["kty"] = "EC", ["crv"] = curve.Value, ["key_ops"] = new JsonArray("sign", "verify") }, cancel);

    /// <summary>Creates an RSA key for wrapping data keys, or a new version of it.</summary>
    /// <param name="name">The key's name.</param>
    /// <param name="keySize">2048, 3072 or 4096 bits.</param>
    /// <param name="cancel">Gives up.</param>
    public Task<Response<KeyVaultKey>> CreateRsaKeyAsync(string name, int keySize, CancellationToken cancel = default)
        => CreateAsync(name, new JsonObject { ["kty"] = "RSA", ["key_size"] = keySize, ["key_ops"] = new JsonArray("wrapKey", "unwrapKey") }, cancel);

    /// <summary>The key's public half, of the newest version unless one is named.</summary>
    /// <exception cref="RequestFailedException">404 KeyNotFound.</exception>
    public async Task<Response<KeyVaultKey>> GetKeyAsync(string name, string? version = null, CancellationToken cancel = default)
    {
        using var message = Message(RequestMethod.Get, name, version, null, null);
        return ReadKey(await SendAsync(message, true, cancel));
    }

    /// <summary>A client that signs, wraps and unwraps with one version of a key.</summary>
    public CryptographyClient GetCryptographyClient(KeyVaultKey key) => new(this, key);

    internal async ValueTask<byte[]> OperateAsync(
        KeyVaultKey key, string operation, string algorithm, ReadOnlyMemory<byte> value, bool isAsync, CancellationToken cancel)
    {
        var body = new JsonObject { ["alg"] = algorithm, ["value"] = System.Buffers.Text.Base64Url.EncodeToString(value.Span) };
        using var message = Message(RequestMethod.Post, key.Name, key.Version, operation, body);
        var answer = await SendAsync(message, isAsync, cancel);
        return Read(answer, json => System.Buffers.Text.Base64Url.DecodeFromChars(json.GetProperty("value").GetString()));
    }

    private static Response<KeyVaultKey> ReadKey(Response answer)
        => Response.FromValue(
            Read(answer, json =>
            {
                var key = JsonWebKey.Parse(json.GetProperty("key"));
                return KeyIdentifier.TryParse(key.Id, out var name, out var version)
                    ? new KeyVaultKey(new Uri(key.Id), name, version, key)
                    : throw new JsonException("the key has no usable id");
            }),
            answer);

    /// <summary>A 200 that cannot be read is a failure of the vault (or of what pretends to be it), not of ours.</summary>
    private static T Read<T>(Response answer, Func<JsonElement, T> read)
    {
        try
        {
            using var json = JsonDocument.Parse(answer.Content.ToMemory());
            return read(json.RootElement);
        }
        catch (Exception unreadable) when (unreadable is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new RequestFailedException(answer.Status, "the vault's answer cannot be read", "UnreadableAnswer", unreadable);
        }
    }

    private async Task<Response<KeyVaultKey>> CreateAsync(string name, JsonObject body, CancellationToken cancel)
    {
        using var message = Message(RequestMethod.Post, name, null, "create", body);
        return ReadKey(await SendAsync(message, true, cancel));
    }

    private HttpMessage Message(RequestMethod method, string name, string? version, string? operation, JsonObject? body)
    {
        if (!KeyIdentifier.IsPlain(name) || (version is not null && !KeyIdentifier.IsPlain(version)))
            throw new ArgumentException("a key's name has letters, digits and hyphens", nameof(name));

        var path = string.Join('/', new[] { "keys", name, version, operation }.Where(part => part is not null));
        var message = pipeline.CreateMessage();
        message.Request.Method = method;
        message.Request.Uri.Reset(new Uri(VaultUri, $"{path}?api-version={ApiVersion}"));
        message.Request.Headers.SetValue(HttpHeader.Names.Accept, "application/json");
        if (body is not null)
        {
            message.Request.Headers.SetValue(HttpHeader.Names.ContentType, "application/json");
            message.Request.Content = RequestContent.Create(JsonSerializer.SerializeToUtf8Bytes(body));
        }

        return message;
    }

    private async ValueTask<Response> SendAsync(HttpMessage message, bool isAsync, CancellationToken cancel)
    {
        if (isAsync)
            await pipeline.SendAsync(message, cancel);
        else
            pipeline.Send(message, cancel);

        return message.Response.Status == 200 ? message.Response : throw new RequestFailedException(message.Response);
    }
}
