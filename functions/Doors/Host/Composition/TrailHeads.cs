using Notary.Audit;

namespace Notary.Host.Composition;

/// <summary>The minute's errand of the trail: its head is deposited once a day, for the office's own tenant.</summary>
internal sealed class TrailHeads(Rooms rooms, TenantStore tenants, HostSettings settings, HeadDeposit heads, TimeProvider clock)
{
    private const string Name = "审计日志 Audit trail";

    private Tenant? office;

    public async Task RunAsync(CancellationToken cancel)
    {
        var open = await rooms.OpenAsync(cancel);
        office ??= await OfficeAsync(cancel);
        await heads.RunAsync(office, open.Deposits, cancel);
    }

    private async Task<Tenant> OfficeAsync(CancellationToken cancel)
    {
        if (await tenants.FindAsync(HeadDeposit.TenantId, cancel) is not { } known)
        {
            known = new TenantView(HeadDeposit.TenantId, Name, TenantStore.DidOf(HeadDeposit.TenantId, settings.Office.PublicUrl), clock.GetUtcNow(),
                Sandbox: false);
            await tenants.AddAsync(known, cancel);
        }

        return known.Known;
    }
}
