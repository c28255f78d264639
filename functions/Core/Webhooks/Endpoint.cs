namespace Notary.Webhooks;

/// <summary>Why an endpoint gets nothing.</summary>
public enum DisabledReason
{
    /// <summary>Its owner wants it so.</summary>
    ByOwner,

    /// <summary>It answered 410: nobody is there any more.</summary>
    Gone,

    /// <summary>Nothing has arrived for <see cref="WebhookLimits.DisableAfter"/>.</summary>
    Failing,
}

/// <summary>A secret without its bytes. <paramref name="ExpiresAt"/> is null for the newest.</summary>
public sealed record SecretView(string Id, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt);

/// <summary>An endpoint as its owner sees it; its secrets are shown when they are made and never again.</summary>
/// <param name="Types">Filters: types, or families such as <c>deposit.*</c>; none for all.</param>
/// <param name="FailingSince">Since when nothing has arrived; null while it answers.</param>
public sealed record EndpointView(
    string Id, Uri Url, string Label, IReadOnlyList<string> Types, bool Enabled, DisabledReason? DisabledReason, DateTimeOffset? DisabledAt,
    DateTimeOffset? FailingSince, DateTimeOffset CreatedAt, IReadOnlyList<SecretView> Secrets);

/// <summary>The secret of a new endpoint, or a new one of an endpoint.</summary>
/// <param name="Endpoint">The endpoint's id.</param>
/// <param name="Secret"><c>whsec_</c> and 32 bytes in base64.</param>
public sealed record IssuedSecret(string Endpoint, string Secret, string SecretId, DateTimeOffset CreatedAt);

/// <summary>One attempt to deliver.</summary>
/// <param name="Number">1 for an event's first; more than one may be the first where somebody asked for it again.</param>
/// <param name="Address">What was dialled; null when nothing was.</param>
/// <param name="Status">Of the answer; null when none came.</param>
/// <param name="Outcome">Delivered, or what failed.</param>
/// <param name="Answer">How the answer began.</param>
/// <param name="NextAt">When it is tried again; null when it is not.</param>
public sealed record AttemptView(
    string Event, string Type, int Number, DateTimeOffset At, string? Address, int? Status, long Milliseconds,
    string Outcome, string Answer, DateTimeOffset? NextAt);

/// <summary>An event as it was, or will be, sent.</summary>
/// <param name="Body">The exact text.</param>
public sealed record EventView(string Id, string Type, DateTimeOffset Time, string Body);

/// <summary>One page; <paramref name="Continuation"/> is null on the last.</summary>
public sealed record EndpointPage(IReadOnlyList<EndpointView> Items);

/// <inheritdoc cref="EndpointPage"/>
public sealed record AttemptPage(IReadOnlyList<AttemptView> Items, string? Continuation);

/// <inheritdoc cref="EndpointPage"/>
public sealed record EventPage(IReadOnlyList<EventView> Items, string? Continuation);

/// <summary>What was put in line again.</summary>
/// <param name="Queued">Deliveries.</param>
/// <param name="Next">Where to go on when there were more events than one request brings back.</param>
public sealed record ReplayView(int Queued, DateTimeOffset? Next);

/// <summary>A stored secret: wrapped by the vault's key.</summary>
internal sealed record StoredSecret(string Id, string Key, byte[] Wrapped, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt)
{
    public bool IsGood(DateTimeOffset now) => ExpiresAt is not { } end || now < end;
}

/// <summary>A stored endpoint.</summary>
internal sealed record StoredEndpoint(string Tenant, EndpointView View, IReadOnlyList<StoredSecret> Secrets, ETag ETag)
{
    public TableEntity ToEntity() => new(Tenant, WebhookKeys.Endpoint(View.Id))
    {
        ["Url"] = View.Url.AbsoluteUri,
        ["Label"] = View.Label,
        ["Types"] = string.Join(' ', View.Types),
        ["Reason"] = View.DisabledReason?.ToString() ?? "",
        ["DisabledAt"] = View.DisabledAt ?? DateTimeOffset.UnixEpoch,
        ["FailingSince"] = View.FailingSince ?? DateTimeOffset.UnixEpoch,
        ["CreatedAt"] = View.CreatedAt,
        ["Secrets"] = JsonSerializer.SerializeToUtf8Bytes(Secrets),
    };

    public static StoredEndpoint From(TableEntity row)
    {
        var secrets = JsonSerializer.Deserialize<StoredSecret[]>(row.GetBinary("Secrets")!)!;
        var reason = row.GetString("Reason") is { Length: > 0 } text ? Enum.Parse<DisabledReason>(text) : (DisabledReason?)null;
        return new StoredEndpoint(row.PartitionKey, new EndpointView(
            row.RowKey[WebhookKeys.EndpointsFrom.Length..],
            new Uri(row.GetString("Url")!),
            row.GetString("Label")!,
            row.GetString("Types")!.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            reason is null,
            reason,
            When(row, "DisabledAt"),
            When(row, "FailingSince"),
            row.GetDateTimeOffset("CreatedAt")!.Value,
            [.. secrets.Select(secret => new SecretView(secret.Id, secret.CreatedAt, secret.ExpiresAt))]), secrets, row.ETag);
    }

    // A merge takes no column away: a time that is not there is the epoch.
    private static DateTimeOffset? When(TableEntity row, string column) => row.GetDateTimeOffset(column) is { } at && at > DateTimeOffset.UnixEpoch ? at : null;
}
