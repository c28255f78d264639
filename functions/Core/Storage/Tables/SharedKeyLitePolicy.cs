using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Notary.Storage;

/// <summary>Signs a table request with the account key ("Authorize with Shared Key", the Lite form for the Table service).</summary>
/// <remarks>Runs for every try: the date is part of what is signed, and the service refuses one older than fifteen minutes.</remarks>
internal sealed class SharedKeyLitePolicy(string account, byte[] key, TimeProvider clock) : HttpPipelineSynchronousPolicy
{
    public override void OnSendingRequest(HttpMessage message)
    {
        var date = clock.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
        message.Request.Headers.SetValue("x-ms-date", date);

        // The path as it goes over the wire, after the account's name; where the account is already in the path
        // (emulators, proxies) it thus stands there twice, which is what the service computes too.
        var uri = message.Request.Uri.ToUri();
        var signed = $"{date}\n/{account}{uri.AbsolutePath}{Comp(uri.Query)}";
        var signature = Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(signed)));
        message.Request.Headers.SetValue("Authorization", $"SharedKeyLite {account}:{signature}");
    }

    private static string Comp(string query)
        => query.TrimStart('?').Split('&').FirstOrDefault(part => part.StartsWith("comp=", StringComparison.Ordinal)) is { } comp ? "?" + comp : "";
}
