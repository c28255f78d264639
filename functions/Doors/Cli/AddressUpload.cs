using Azure;
using Azure.Core;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Notary.Cli;

/// <summary>How a file is sent.</summary>
internal enum Via
{
    /// <summary>By a signed address when it is large and the server bounds its bodies, else as the request's body.</summary>
    Auto,

    /// <summary>As the request's body.</summary>
    Body,

    /// <summary>To storage, by a signed address.</summary>
    Address,
}

/// <summary>A large file past the server: 1. ask for an address; 2. put the bytes there; 3. wait until they are a deposit; 4. get the receipt.</summary>
/// <remarks>Under one idempotency key the address is the same again, so whatever was cut off goes on where it was.</remarks>
internal static class AddressUpload
{
    /// <summary>A smaller file gets through a bounded server in time on any line of 2.5 Mbit/s, and is deposited at once.</summary>
    private const long Large = 64 * 1024 * 1024;

    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    /// <summary>Whether a file of this size goes by an address.</summary>
    public static async Task<bool> IsForAsync(ApiClient api, Via via, long size, CancellationToken c)
    {
        if (via != Via.Auto || size <= Large)
            return via == Via.Address;

        try
        {
            return (await api.GetAsync("v1/limits", c))["bodyBytes"] is not null;
        }
        catch (CliException e) when (e is not BusyException)
        {
            // A server from before it told: it says itself what is too large.
            return false;
        }
    }

    /// <param name="wanted">What the server is told of the file, its digest too.</param>
    /// <param name="key">The idempotency key.</param>
    /// <param name="open">Opens the file at its beginning.</param>
    /// <param name="timeout">How long to wait for 3.</param>
    /// <returns>The receipt, as it came.</returns>
    public static async Task<byte[]> SendAsync(ApiClient api, JsonObject wanted, string key, Func<Stream> open, TimeSpan timeout, CancellationToken c)
    {
        // 1
        var ticket = await api.PostAsync("v1/uploads", wanted, c, key);
        var path = $"v1/uploads/{Uri.EscapeDataString((string?)ticket["id"] ?? "")}";

        // 2
        if ((string?)(await api.GetAsync(path, c))["state"] == "waiting")
            await PutAsync(Address(ticket), open, c);

        // 3
        for (var started = Stopwatch.GetTimestamp(); ; await Task.Delay(Poll, c))
        {
            var view = await api.GetAsync(path, c);
            if ((string?)view["state"] == "refused")
                throw new CliException($"the server refused the upload: {ReportPrinter.Printable((string?)view["fault"] ?? "")}");

            // 4
            if ((string?)view["depositId"] is { } id)
                return await api.SendAsync(new HttpRequestMessage(HttpMethod.Get, $"v1/deposits/{Uri.EscapeDataString(id)}/receipt"), c);

            if (Stopwatch.GetElapsedTime(started) > timeout)
                throw new CliException(
                    $"the file was sent and is no deposit yet; run the same command with --via address --idempotency-key {key}, and it goes on");
        }
    }

    private static async Task PutAsync(Uri address, Func<Stream> open, CancellationToken c)
    {
        await using var file = open();
        try
        {
            // The version of the service that the local server knows too.
            var blob = new BlobClient(address, new BlobClientOptions(BlobClientOptions.ServiceVersion.V2026_06_06));
            await blob.UploadAsync(file, new BlobUploadOptions { Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All } }, c);
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412)
        {
            // It lies there since an earlier try.
        }
        catch (Exception e) when (e is RequestFailedException { Status: 0 or >= 500 } or AggregateException)
        {
            throw new HttpRequestException($"storage did not take the file: {e.GetBaseException().Message.Split('\n')[0]}", e);
        }
        catch (RequestFailedException e)
        {
            throw new CliException($"storage refused the file: {ReportPrinter.Printable(e.ErrorCode ?? "")} ({e.Status})", e);
        }
    }

    private static Uri Address(JsonNode ticket)
        => Uri.TryCreate((string?)ticket["url"], UriKind.Absolute, out var url) && ApiClient.IsSafe(url)
            ? url : throw new CliException("the server gave no address that is safe to send to");
}
