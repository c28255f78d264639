using System.Security.Cryptography.X509Certificates;

namespace Notary.Timestamping;

/// <summary>One RFC 3161 authority. Each authority has its own operator and its own roots: two doors of one operator add no independence.</summary>
public sealed class TsaOptions
{
    /// <summary>The name under which tokens are kept and health is shown; 1–32 lower-case letters, digits and hyphens, as in the trust file.
    /// Never changed afterwards: tokens are found by it.</summary>
    public required string Name { get; init; }

    /// <summary>Where time-stamp queries are posted; http or https (a token protects itself, RFC 3161 §3.4).</summary>
    public required Uri Url { get; init; }

    /// <summary>The only roots this authority's chains may end in. Separate from the roots for signatures.</summary>
    public required IReadOnlyList<X509Certificate2> Roots { get; init; }

    /// <summary>The policy to ask for and to insist on, dotted; null takes the authority's default.</summary>
    public string? PolicyOid { get; init; }

    /// <summary>For the whole exchange, reply included; 100 ms to 5 minutes, default 10 s. Longer only holds back the other authority's round.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How far genTime may lie outside the exchange by our clock; 1 s to 1 h, default 60 s. Wider lets a wrong clock date evidence.</summary>
    public TimeSpan MaxSkew { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest reply read, in bytes; 1 KiB to 64 KiB, default 64 KiB. An honest reply has 1–10 KiB; the bound is against exhausted memory.</summary>
    public long MaxReplyBytes { get; init; } = 64 * 1024;

    /// <exception cref="ArgumentException">Names the setting that is wrong.</exception>
    internal void Validate()
    {
        Require(Name.Length is > 0 and <= 32 && Name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'),
            nameof(Name), "1 to 32 lower-case letters, digits and hyphens");
        Require(Url.IsAbsoluteUri && Url.Scheme is "http" or "https", nameof(Url), "an absolute http or https address");
        Require(Roots.Count > 0, nameof(Roots), "at least one certificate");
        Require(Timeout >= TimeSpan.FromMilliseconds(100) && Timeout <= TimeSpan.FromMinutes(5), nameof(Timeout), "100 ms to 5 minutes");
        Require(MaxSkew >= TimeSpan.FromSeconds(1) && MaxSkew <= TimeSpan.FromHours(1), nameof(MaxSkew), "1 s to 1 h");
        Require(MaxReplyBytes is >= 1024 and <= 64 * 1024, nameof(MaxReplyBytes), "1 KiB to 64 KiB");
    }

    private void Require(bool holds, string setting, string range)
    {
        if (!holds)
            throw new ArgumentException($"time-stamp authority \"{Name}\": {setting} must be {range}", setting);
    }
}
