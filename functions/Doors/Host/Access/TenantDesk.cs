using Notary.Audit;
using Notary.Host.Api;
using Notary.Identity.People;

namespace Notary.Host.Access;

/// <summary>Tenants made and their first people invited, the same way by the operator's API and by the office's pages.</summary>
/// <remarks>Whoever calls MUST have checked that the caller may; a refused wish takes no seed. The same seed and <c>presented</c> secret
/// give the same answer, so a request that is sent twice makes one.</remarks>
internal sealed class TenantDesk(TenantStore tenants, HostSettings settings)
{
    /// <summary>UTF-16 units of a name: letters print it on one or two lines.</summary>
    public const int MaxNameLength = 200;

    private const int MaxDidLength = 255;

    /// <exception cref="FaultException">Malformed, saying what should be; Conflict: the id is the office's own.</exception>
    public static void Demand(NewTenant wanted)
    {
        Demand(wanted.Name.Length is > 0 and <= MaxNameLength && !wanted.Name.Any(char.IsControl),
            $"name has 1 to {MaxNameLength} characters and no control characters");
        Demand(wanted.Id is null || TenantStore.IsId(wanted.Id), "id has 1 to 40 of a-z, 0-9 and '-'");
        Demand(wanted.Did is null || (wanted.Did.Length <= MaxDidLength && Did.IsValid(wanted.Did)), "did is a DID (W3C DID Core, section 3.1)");
        if (wanted.Id == HeadDeposit.TenantId)
            throw new FaultException(Fault.Conflict, "the id is taken");
    }

    /// <summary>Makes a tenant.</summary>
    /// <exception cref="FaultException">Conflict: the id is another's.</exception>
    public async Task<TenantView> CreateAsync(NewTenant wanted, RequestSeed seed, CancellationToken cancel)
    {
        var id = wanted.Id ?? Convert.ToHexStringLower(seed.Bytes.AsSpan(0, 16));
        var tenant = new TenantView(id, wanted.Name, wanted.Did ?? TenantStore.DidOf(id, settings.Office.PublicUrl), seed.At,
            wanted.Sandbox == true);
        await tenants.AddAsync(tenant, cancel);
        return tenant;
    }

    /// <summary>One tenant.</summary>
    /// <exception cref="FaultException">NotFound.</exception>
    public async Task<TenantView> FindAsync(string id, CancellationToken cancel)
        => await tenants.FindAsync(id, cancel) ?? throw new FaultException(Fault.NotFound, ProblemMiddleware.NotFoundDetail);

    /// <summary>Makes a one-time link by which somebody joins a tenant.</summary>
    /// <exception cref="FaultException">Conflict: too many are open, or the tenant is the office's own, which only readers join.</exception>
    public async Task<InvitationLink> InviteAsync(
        PeopleRoom people, TenantView tenant, string address, InvitedRole role, RequestSeed seed, string presented, CancellationToken cancel)
    {
        if (tenant.Id == HeadDeposit.TenantId && role != InvitedRole.Viewer)
            throw new FaultException(Fault.Conflict, "only viewers join the trail's own tenant");

        var secret = ApiKey.SecretOf(seed.Bytes, presented, $"invitation\0{tenant.Id}");
        var (path, info) = await people.Invitations.InviteAsync(tenant.Id, Enum.Parse<Role>(role.ToString()), address, secret, seed.At, cancel);
        return new InvitationLink(
            new Uri(settings.Office.PublicUrl, path).ToString(), info.Id, role, info.Address, info.CreatedAt, info.ExpiresAt);
    }

    private static void Demand(bool holds, string should)
    {
        if (!holds)
            throw new FaultException(Fault.Malformed, should);
    }
}
