namespace Notary.Cli;

/// <summary><c>notary tenant</c> and <c>notary key</c>: what an operator does through the API. Answers are printed as JSON.</summary>
internal static class OperatorCommands
{
    /// <summary>Keys of a page: the most the API gives.</summary>
    private const int PageSize = 100;

    public static Command BuildTenant(Terminal terminal)
    {
        var name = new Argument<string>("NAME") { Description = "The tenant's name, as letters print it." };
        var id = new Option<string?>("--id") { Description = "1 to 40 of a-z, 0-9 and '-'; made when absent." };
        var did = new Option<string?>("--did") { Description = "The tenant's DID; made when absent." };
        var sandbox = new Option<bool>("--sandbox") { Description = "Only to try the platform: all its deposits are tests, and say so. It never changes." };
        var create = new Command("create", "Creates a tenant.") { name, id, did, sandbox };
        Act(create, terminal, (api, parsed, c) =>
        {
            var body = Some(("name", parsed.GetValue(name)), ("id", parsed.GetValue(id)), ("did", parsed.GetValue(did)));
            if (parsed.GetValue(sandbox))
                body["sandbox"] = true;

            return api.PostAsync("v1/operator/tenants", body, c);
        });
        var tenant = new Argument<string>("TENANT") { Description = "The tenant's id." };
        var address = new Argument<string>("ADDRESS") { Description = "Whom the invitation is meant for, such as an e-mail address; nothing is sent there." };
        var role = new Option<string?>("--role") { Description = "owner, depositor or viewer; owner when absent." };
        var invite = new Command("invite", "Makes a one-time link by which somebody joins a tenant. It is shown once and never again.")
        {
            tenant, address, role,
        };
        Act(invite, terminal, (api, parsed, c) => api.PostAsync($"v1/operator/tenants/{Uri.EscapeDataString(parsed.GetValue(tenant)!)}/invitations",
            Some(("address", parsed.GetValue(address)), ("role", parsed.GetValue(role))), c));
        return new Command("tenant", "Tenants, for the operator.") { create, invite };
    }

    public static Command BuildKey(Terminal terminal)
    {
        var tenant = new Argument<string>("TENANT") { Description = "The tenant's id." };
        var prefix = new Argument<string>("PREFIX") { Description = "The key's prefix, as key list shows it." };
        var label = new Option<string?>("--label") { Description = "What the key is for." };
        var scopes = new Option<string[]>("--scope") { Description = "write or read; both when absent.", AllowMultipleArgumentsPerToken = true };
        var expires = new Option<DateTimeOffset?>("--expires") { Description = "When it ends, RFC 3339; never when absent." };
        var overlap = new Option<int?>("--overlap-seconds") { Description = "How long the old key stays valid; a day when absent." };
        string Keys(ParseResult p) => $"v1/operator/tenants/{Uri.EscapeDataString(p.GetValue(tenant)!)}/keys";
        string One(ParseResult p) => $"{Keys(p)}/{Uri.EscapeDataString(p.GetValue(prefix)!)}";

        var create = new Command("create", "Creates a key. It is shown once and never again.") { tenant, label, scopes, expires };
        Act(create, terminal, (api, p, c) =>
        {
            var body = Some(("label", p.GetValue(label)),
                ("expiresAt", p.GetValue(expires)?.UtcDateTime.ToString("O", System.Globalization.CultureInfo.InvariantCulture)));
            if (p.GetValue(scopes) is { Length: > 0 } wanted)
                body["scopes"] = new JsonArray([.. wanted.Select(s => (JsonNode)s)]);

            return api.PostAsync(Keys(p), body, c);
        });
        var list = new Command("list", "Lists a tenant's keys, without secrets.") { tenant };
        Act(list, terminal, async (api, p, c) =>
        {
            var page = await api.GetAsync($"{Keys(p)}?limit={PageSize}", c);
            while (ApiClient.Text(page, "continuation") is { } next)
            {
                await PrintAsync(terminal, page);
                page = await api.GetAsync($"{Keys(p)}?limit={PageSize}&continuation={Uri.EscapeDataString(next)}", c);
            }

            return page;
        });
        var rotate = new Command("rotate", "Makes a new key; the old one stays valid for the overlap.") { tenant, prefix, overlap };
        Act(rotate, terminal, (api, p, c) =>
        {
            var body = new JsonObject();
            if (p.GetValue(overlap) is { } seconds)
                body["overlapSeconds"] = seconds;

            return api.PostAsync(One(p) + "/rotate", body, c);
        });
        var revoke = new Command("revoke", "Ends a key at once.") { tenant, prefix };
        Act(revoke, terminal, async (api, p, c) =>
        {
            await api.DeleteAsync(One(p), c);
            return new JsonObject { ["revoked"] = p.GetValue(prefix) };
        });
        return new Command("key", "API keys of tenants, for the operator.") { create, list, rotate, revoke };
    }

    private static void Act(Command command, Terminal terminal, Func<ApiClient, ParseResult, CancellationToken, Task<JsonNode>> call)
    {
        var (url, key) = ServerOptions.Create("The operator's key");
        command.Options.Add(url);
        command.Options.Add(key);
        var retries = ServerOptions.Number(
            "--retries", "How often to try again after a lost connection, or while the server is not ready.", least: 0, absent: Patience.DefaultRetries);
        command.Options.Add(retries);
        command.SetAction(async (parsed, cancel) =>
        {
            using var api = new ApiClient(
                parsed.GetValue(url)!, ServerOptions.Key(parsed.GetValue(key)), new Patience(parsed.GetValue(retries), terminal.Error));
            await PrintAsync(terminal, await call(api, parsed, cancel));
            return Exit.Passed;
        });
    }

    private static Task PrintAsync(Terminal terminal, JsonNode answer) => terminal.Output.WriteLineAsync(answer.ToJsonString(ReportPrinter.Readable));

    private static JsonObject Some(params (string Name, string? Value)[] members)
        => [.. members.Where(m => m.Value is not null).Select(m => KeyValuePair.Create(m.Name, (JsonNode?)m.Value))];
}
