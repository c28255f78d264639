using Azure;

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

    /// <summary>How long an address is good for: a thief of one has it for an hour and not for a day.</summary>
    public const int AddressMinutes = 60;

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

    /// <param name="api">Where.</param>
    /// <param name="wanted">What the server is told of the file, its digest too.</param>
    /// <param name="key">The idempotency key.</param>
    /// <param name="blocks">Sends the file.</param>
    /// <param name="state">Told until when the server waits, where something is kept.</param>
    /// <param name="timeout">How long to wait for 3.</param>
    /// <param name="c">Stops.</param>
    /// <returns>The receipt, as it came.</returns>
    public static async Task<byte[]> SendAsync(
        ApiClient api, JsonObject wanted, string key, BlockUpload blocks, UploadState? state, TimeSpan timeout, CancellationToken c)
    {
        // 1
        wanted["addressMinutes"] = AddressMinutes;
        var ticket = await api.PostAsync("v1/uploads", wanted, c, key);
        if (DateTimeOffset.TryParse(ApiClient.Text(ticket, "expiresAt"), CultureInfo.InvariantCulture, out var expires))
            state?.Expire(expires);

        var path = $"v1/uploads/{Uri.EscapeDataString(ApiClient.Text(ticket, "id") ?? "")}";

        // 2
        if (ApiClient.Text(await api.GetAsync(path, c), "state") == "waiting")
            await PutAsync(blocks, async () => Address(await api.PostAsync("v1/uploads", wanted, c, key)), c);

        // 3
        for (var started = Stopwatch.GetTimestamp(); ; await Task.Delay(Poll, c))
        {
            var view = await api.GetAsync(path, c);
            if (ApiClient.Text(view, "state") == "refused")
                throw new CliException(ReportPrinter.Printable(
                    $"the server refused the upload: {ApiClient.Text(view, "reason")} ({ApiClient.Text(view, "fault")})"));

            // 4
            if (ApiClient.Text(view, "depositId") is { } id)
                return await api.SendAsync(new HttpRequestMessage(HttpMethod.Get, $"v1/deposits/{Uri.EscapeDataString(id)}/receipt"), c);

            if (ApiClient.Text(view, "state") != "waiting")
                throw new CliException("the upload has no state that is known here");

            if (Stopwatch.GetElapsedTime(started) > timeout)
                throw new CliException(
                    $"the file was sent and is no deposit yet; run the same command with --via address --idempotency-key {key}, and it goes on");
        }
    }

    private static async Task PutAsync(BlockUpload blocks, Func<Task<Uri>> sign, CancellationToken c)
    {
        try
        {
            await blocks.PutAsync(sign, c);
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412)
        {
            // It lies there since an earlier try.
        }
        catch (Exception e) when (e is RequestFailedException { Status: 0 or >= 500 } or AggregateException
            || e is RequestFailedException { ErrorCode: "InvalidBlockList" })
        {
            // Blocks that are gone were committed by a try whose answer was lost, and taken since: a look at the upload tells.
            throw new HttpRequestException($"storage did not take the file: {e.GetBaseException().Message.Split('\n')[0]}", e);
        }
        catch (RequestFailedException e)
        {
            throw new CliException($"storage refused the file: {ReportPrinter.Printable(e.ErrorCode ?? "")} ({e.Status})", e);
        }
    }

    private static Uri Address(JsonNode ticket)
        => Uri.TryCreate(ApiClient.Text(ticket, "url"), UriKind.Absolute, out var url) && ApiClient.IsSafe(url)
            ? url : throw new CliException("the server gave no address that is safe to send to");
}
