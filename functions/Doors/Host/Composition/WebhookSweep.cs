using Notary.Webhooks;

namespace Notary.Host.Composition;

/// <summary>The minute's work for webhooks: keys that end soon are told of, what has had its day goes, and what nobody told us of is looked for.</summary>
internal sealed class WebhookSweep(ApiKeyStore keys, Listeners listeners, EventSink sink, WebhookHousekeeper housekeeper, WebhookBell bell, TimeProvider clock)
{
    /// <summary>How long before its end a key is told of: time to make another and to deploy it.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    private DateTimeOffset ranAt;

    public async Task RunAsync(CancellationToken cancel)
    {
        bell.Ring();
        await housekeeper.RunAsync(cancel);
        var now = clock.GetUtcNow();
        if (now - ranAt < Every)
            return;

        foreach (var tenant in await listeners.NowAsync(cancel))
            await TellAsync(tenant, now, cancel);

        ranAt = now;
    }

    private async Task TellAsync(string tenant, DateTimeOffset now, CancellationToken cancel)
    {
        var ending = new List<NewEvent>();
        for (var (page, more) = (await keys.ListAsync(tenant, null, ApiKeyStore.MaxKeys, cancel), true); more;)
        {
            foreach (var key in page.Items)
            {
                // The time is a function of the key, as the id is: told each hour is told once.
                if (key is { RevokedAt: null, ExpiresAt: { } end } && end > now && end - now <= Soon)
                    ending.Add(new NewEvent(EventTypes.KeyExpiring, key.Prefix, end - Soon > key.CreatedAt ? end - Soon : key.CreatedAt,
                        end.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
                        new Dictionary<string, object> { ["prefix"] = key.Prefix, ["expiresAt"] = end.UtcDateTime }));
            }

            more = page.Continuation is not null;
            if (more)
                page = await keys.ListAsync(tenant, page.Continuation, ApiKeyStore.MaxKeys, cancel);
        }

        await sink.AppendAsync(tenant, ending, cancel);
    }
}
