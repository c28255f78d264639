namespace Notary.Host.Http;

/// <summary>Between routing and the handler: 1. is the caller allowed, 2. within his rate, 3. will he take what the route gives,
/// 4. does he ask for what it does not know, 5. is he staff, whose acts are recorded before they are begun?</summary>
internal sealed class AccessMiddleware(
    RequestDelegate next, Rooms rooms, Authenticator authenticator, StaffTrail trail, RateLimits limits, UsageMeter usage, TenantQuotas quotas,
    Deadline deadline, TimeProvider clock)
{
    public async Task InvokeAsync(HttpContext http)
    {
        // What is cut off ends in a problem: whoever asks whether the caller is gone must not be told of the deadline.
        var (gone, start) = (http.RequestAborted, clock.GetTimestamp());
        using var late = new CancellationTokenSource(deadline.Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(gone, late.Token);
        http.RequestAborted = either.Token;
        try
        {
            await AdmitAsync(http);
            if (http.GetEndpoint()?.Metadata.GetMetadata<Unhurried>() is not null)
                late.CancelAfter(deadline.Whole is { } whole ? whole - clock.GetElapsedTime(start) : Timeout.InfiniteTimeSpan);

            await next(http);
        }
        catch (OperationCanceledException e) when (late.IsCancellationRequested && !gone.IsCancellationRequested
            && http.GetEndpoint()?.Metadata.GetMetadata<Unhurried>() is not null)
        {
            throw new FaultException(Fault.TooSlow, "the exchange took longer than it may here; large files go by way of /v1/uploads", e);
        }
        finally
        {
            http.RequestAborted = gone;
            http.Features.Get<TenantQuotas.Upload>()?.Dispose();
        }
    }

    private async Task DemandOfTenantAsync(HttpContext http, string tenant)
    {
        try
        {
            limits.DemandOfTenant(http, tenant);
            await quotas.DemandAsync(http, tenant, http.RequestAborted);
            usage.Add(tenant, new UsageCount { Requests = 1 });
        }
        catch (FaultException e) when (e.Fault is Fault.RateLimited or Fault.QuotaExceeded)
        {
            usage.Add(tenant, new UsageCount { Refused = 1 });
            throw;
        }
    }

    private async Task AdmitAsync(HttpContext http)
    {
        if (http.GetEndpoint() is { } endpoint && endpoint.Metadata.GetMetadata<AccessRule>() is { } rule)
        {
            // 1
            if (rule is not (AccessRule.Public or AccessRule.Probe))
                await rooms.DemandStorageAsync(http.RequestAborted);

            if (rule is not (AccessRule.Person or AccessRule.Probe))
                await trail.NoticeAsync(http);

            if (rule is AccessRule.Person(var roles))
                await http.RequestServices.GetRequiredService<PersonAccess>().DemandAsync(http, roles, http.RequestAborted);
            else
                await authenticator.DemandAsync(http, rule, http.RequestAborted);

            // 2
            if (Caller.Find(http) is { } caller)
            {
                await DemandOfTenantAsync(http, caller.Tenant.Id);
            }
            else if (rule is AccessRule.Public or AccessRule.Login)
            {
                limits.DemandOfClient(http);

                // No answer depends on the name a stranger calls us by, and the framework's description fails on some.
                http.Request.Host = default;
            }

            // 3
            if (!MediaTypes.Acceptable(http, endpoint))
                throw new FaultException(Fault.NotAcceptable, "the route has no answer of a type in Accept");

            // 4: routes that take one read it themselves.
            if (rule is not (AccessRule.Probe or AccessRule.Login) && !endpoint.Metadata.OfType<Parameter>().Any(p => p.In == "query"))
                _ = new QueryReader(http);

            // 5
            await trail.BeginAsync(http);
        }
    }
}
