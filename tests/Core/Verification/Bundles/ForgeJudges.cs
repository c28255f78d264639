namespace Notary.Verification.Tests;

/// <summary>The command's verifier, one for each trust file.</summary>
internal sealed class ForgeJudges : IDisposable
{
    private readonly Dictionary<string, BundleVerifier?> byTrust = [];

    public async Task<(string Outcome, SortedDictionary<string, string> Rungs, string Text)> JudgeAsync(Forgery f)
    {
        var rungs = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (Of(f.Trust) is not { } verifier)
            return ("trust", rungs, "");

        var report = await verifier.VerifyAsync(new MemoryStream(f.Bundle), new BundleQuestion
        {
            Clock = new At(f.Now),
            Lists = [.. f.Lists.Select((list, i) => ($"{i}.crl", (ReadOnlyMemory<byte>)list))],
        }, default);
        foreach (var rung in report.Verdicts.GroupBy(v => v.Rung))
        {
            rungs[Lower(rung.Key)] = string.Join(
                ", ", rung.Where(v => v.Mark != Mark.Pass).Select(v => $"{Lower(v.Mark)} {v.Code}").Distinct().Order(StringComparer.Ordinal));
        }

        var text = report.Verdicts.Where(v => v.Mark != Mark.Pass).Select(v => $"    {v.Rung} {v.Subject} {v.Mark} {v.Code}: {v.Reason}");
        return (Lower(report.Outcome), rungs, string.Join('\n', text));
    }

    private static string Lower(Enum value) => value.ToString().ToLowerInvariant();

    private BundleVerifier? Of(byte[]? trust)
    {
        var key = trust is null ? "" : Convert.ToHexString(SHA256.HashData(trust));
        lock (byTrust)
        {
            if (!byTrust.TryGetValue(key, out var verifier))
                byTrust[key] = verifier = Make(trust);

            return verifier;
        }
    }

    private static BundleVerifier? Make(byte[]? trust)
    {
        try
        {
            return new BundleVerifier(trust is null ? null : TrustRoots.Parse(trust));
        }
        catch (FaultException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        foreach (var verifier in byTrust.Values)
            verifier?.Dispose();
    }

    private sealed class At(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
