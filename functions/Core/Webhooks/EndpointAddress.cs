using System.Net;

namespace Notary.Webhooks;

/// <summary>Where an endpoint may be, as far as its address tells. Whom a name means is judged each time it is dialled.</summary>
public static class EndpointAddress
{
    /// <summary>Reads an address.</summary>
    /// <param name="text">At most <see cref="WebhookLimits.MaxUrl"/> characters.</param>
    /// <param name="allowLoopback">On one machine: http to this machine.</param>
    /// <exception cref="FaultException">EndpointRefused: says why.</exception>
    public static Uri Demand(string text, bool allowLoopback)
    {
        if (text.Length > WebhookLimits.MaxUrl || text.Any(c => c is <= ' ' or >= '\x7f' or '\\') || !Uri.TryCreate(text, UriKind.Absolute, out var url))
            throw Refused($"url is an address in ASCII of at most {WebhookLimits.MaxUrl} characters");

        if (url.Scheme != Uri.UriSchemeHttps && !(allowLoopback && url.Scheme == Uri.UriSchemeHttp))
            throw Refused("url begins with https://");

        if (url.UserInfo.Length > 0 || url.Fragment.Length > 0 || url.Host.Length == 0 || url.Port == 0)
            throw Refused("url names a host, and neither a user nor a fragment nor port 0");

        // A zone names an interface of ours; Uri drops it from Host, so the text is asked.
        if (url.HostNameType == UriHostNameType.IPv6 && text[..(text.IndexOf(']', StringComparison.Ordinal) + 1)].Contains('%', StringComparison.Ordinal))
            throw Refused("url has a zone");

        // Decimal, octal, hexadecimal and shortened forms have become dotted ones by now.
        if (IPAddress.TryParse(url.DnsSafeHost, out var literal) ? !AddressRules.MayDial(literal, allowLoopback) : !IsPublicName(url.IdnHost, allowLoopback))
            throw Refused("url names a place that is not of the public internet");

        return url;
    }

    // These are never delegated (RFC 6761, RFC 8375, RFC 9476): whatever answers to them is inside.
    private static bool IsPublicName(string host, bool allowLoopback)
    {
        var name = host.TrimEnd('.').ToLowerInvariant();
        var last = name[(name.LastIndexOf('.') + 1)..];
        return (allowLoopback && last == "localhost")
            || (name.Contains('.', StringComparison.Ordinal) && last is not ("localhost" or "local" or "internal" or "invalid" or "test" or
                    "example" or "alt" or "onion")
                && !name.EndsWith(".home.arpa", StringComparison.Ordinal) && !last.All(char.IsAsciiDigit));
    }

    private static FaultException Refused(string why) => new(Fault.EndpointRefused, why);
}
