using System.Collections.Concurrent;

namespace Notary.Infra.Tests;

/// <summary>The cases that are compiled once for all tests, and what was seen and accepted of them.</summary>
internal static class Golden
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<Snapshot>>> Made = new(StringComparer.Ordinal);

    public static Task<Snapshot> CaseAsync(string name) => Made.GetOrAdd(name, n => new(() => n switch
    {
        "session-host" => Bicep.SnapshotAsync(ChildTool.Beside("Cases/session-host.bicepparam")),
        // The recovery drill, and the same after it.
        "drill" => Bicep.SnapshotAsync("params/dev.bicepparam", null, ("NOTARY_DRILL", "true")),
        "drill-standby" => Bicep.SnapshotAsync("params/dev.bicepparam", null, ("NOTARY_DRILL", "true"), ("NOTARY_ON_STANDBY", "true")),
        // Another installation in the same subscription, with everything that is optional.
        "second" => Bicep.SnapshotAsync("params/prod.bicepparam", t => t.Replace("workload = 'notary'", "workload = 'second'", StringComparison.Ordinal)
            .Replace("NOTARY_TSA_A_ROOT_PEM')\n", "NOTARY_TSA_A_ROOT_PEM')\n    policyOid: '1.2.3'\n", StringComparison.Ordinal)
            .Replace("  operatorKeyHash:", "  staff: { issuer: 'https://login.example/v2.0', clientId: 'notary', roleClaim: 'roles', "
                + "clientSecretReference: '@Microsoft.KeyVault(SecretUri=https://kv.example/secrets/staff)' }\n  operatorKeyHash:", StringComparison.Ordinal)
            .Replace("  logLevel:", "  otlpEndpoint: 'https://collector.example'\n  logLevel:", StringComparison.Ordinal),
            ("NOTARY_DRAW_REGISTRY", "0x" + new string('d', 40)),
            ("NOTARY_FORENSIC_IMAGE", "/subscriptions/x/galleries/g/images/forensic-desktop/versions/1.0.0")),
        _ => Bicep.SnapshotAsync($"params/{n}.bicepparam"),
    })).Value;

    public static string PathOf(string name) => ChildTool.Beside($"Golden/{name}.txt");

    /// <summary>What differs, property by property.</summary>
    public static IEnumerable<string> Differences(IEnumerable<string> accepted, IEnumerable<string> made)
    {
        var (before, after) = (Properties(accepted), Properties(made));
        return before.Except(after).Select(l => "- " + l).Concat(after.Except(before).Select(l => "+ " + l)).OrderBy(l => l[2..], StringComparer.Ordinal);
    }

    private static HashSet<string> Properties(IEnumerable<string> lines) => [.. lines.SelectMany(line =>
    {
        var at = line.IndexOf(" {", StringComparison.Ordinal);
        return Snapshot.Leaves(JsonNode.Parse(line[(at + 1)..]), line[..at]).Select(l => $"{l.Path} = {l.Value}");
    })];
}
