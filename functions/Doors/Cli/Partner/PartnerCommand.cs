namespace Notary.Cli;

/// <summary><c>notary partner check</c>: what a receiver of webhooks takes and what it turns away (docs/partners.md).</summary>
internal static class PartnerCommand
{
    private const string SecretPrefix = "whsec_";

    public static Command Build(Terminal terminal)
    {
        var url = new Argument<string>("URL") { Description = "The receiver's address." };
        var file = new Option<string>("--secret-file")
            { Description = "A file with the secret that the receiver knows, whsec_…; nobody else may read it.", Required = true };
        var json = new Option<bool>("--json") { Description = "One JSON object in place of lines." };
        var check = new Command("check",
            "Sends a receiver good, repeated, stale, wrongly signed and rotated deliveries, and says what it took.") { url, file, json };
        check.SetAction(async (p, cancel) =>
        {
            if (!Uri.TryCreate(p.GetValue(url), UriKind.Absolute, out var where)
                || !(where.Scheme == Uri.UriSchemeHttps || (where.IsLoopback && where.Scheme == "http")))
                throw new CliException("URL must be https, or http on this machine");

            var found = await new PartnerCheck(where, await SecretAsync(p.GetValue(file)!, cancel), TimeProvider.System).RunAsync(cancel);
            await PrintAsync(found, p.GetValue(json), terminal);
            return found.Any(one => one.Status is null) ? Exit.Unjudged : found.All(one => one.Right) ? Exit.Passed : Exit.Failed;
        });
        return new Command("partner", "For whoever receives webhooks.") { check };
    }

    private static async Task<byte[]> SecretAsync(string path, CancellationToken cancel)
    {
        var text = (await PartyKey.SecretAsync(path, cancel)).Trim();
        var key = new byte[text.Length];
        return text.StartsWith(SecretPrefix, StringComparison.Ordinal)
            && Convert.TryFromBase64String(text[SecretPrefix.Length..], key, out var length) && length > 0
            ? key[..length] : throw new CliException($"{path} does not hold {SecretPrefix} and base64");
    }

    private static async Task PrintAsync(IReadOnlyList<PartnerFinding> found, bool json, Terminal terminal)
    {
        if (json)
        {
            await terminal.Output.WriteLineAsync(new JsonObject
            {
                ["ok"] = found.All(one => one.Right),
                ["checks"] = new JsonArray([.. found.Select(one => (JsonNode)new JsonObject
                {
                    ["check"] = one.Check, ["expected"] = one.Taken ? "taken" : "turned away", ["status"] = one.Status, ["ok"] = one.Right, ["why"] = one.Why,
                })]),
            }.ToJsonString(ReportPrinter.Readable));
            return;
        }

        foreach (var one in found)
        {
            var (mark, answer) = (one.Status is null ? "UNKNOWN" : one.Right ? "PASS" : "FAIL", one.Status is { } status ? $"answered {status}" : "no answer");
            await terminal.Output.WriteLineAsync(ReportPrinter.Printable(
                $"{mark,-7} {one.Check,-15} {one.What}: {answer}{(one.Right ? "" : $"; {one.Why}")}"));
        }

        await terminal.Output.WriteLineAsync(found.Any(one => one.Status is null) ?
            "NOT JUDGED IN FULL" : found.All(one => one.Right) ? "CONFORMS" : "DOES NOT CONFORM");
    }
}
