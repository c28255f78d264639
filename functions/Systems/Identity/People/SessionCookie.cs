namespace Notary.Identity.People;

/// <summary>A session's cookie: where its row lies, and the secret that opens it.</summary>
/// <param name="Tenant">The tenant's id; null for the staff.</param>
/// <param name="Person">The person's id.</param>
/// <param name="Id">The session's id.</param>
/// <param name="Secret">Of which the row keeps the hash.</param>
internal readonly record struct SessionCookie(string? Tenant, string Person, string Id, Secret Secret)
{
    public static bool TryParse(string? text, out SessionCookie cookie)
    {
        cookie = default;
        if (text?.Split('.') is not [var tenant, var person, var id, var secret] || (tenant.Length > 0 && !PeopleKeys.IsTenant(tenant))
            || !PeopleKeys.IsId(person) || !PeopleKeys.IsId(id) || !Secret.TryParse(secret, out var parsed))
            return false;

        cookie = new(tenant.Length > 0 ? tenant : null, person, id, parsed);
        return true;
    }

    public override string ToString() => $"{Tenant}.{Person}.{Id}.{Secret}";
}
