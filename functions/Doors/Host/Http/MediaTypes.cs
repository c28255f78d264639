using Microsoft.AspNetCore.Http.Metadata;

namespace Notary.Host.Http;

/// <summary>What a request may carry (415) and what its caller accepts (406).</summary>
internal static class MediaTypes
{
    public const string Json = "application/json";

    /// <summary>The body must be application/json, UTF-8, not compressed.</summary>
    public static void DemandJson(HttpRequest request)
    {
        DemandIdentity(request);
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase)
            || (type.Charset.HasValue && !HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase)))
        {
            throw new FaultException(Fault.UnsupportedMediaType, "the body must be application/json in UTF-8");
        }
    }

    /// <summary>Which bytes would be the evidence, the compressed or the plain ones? Neither is guessed.</summary>
    public static void DemandIdentity(HttpRequest request)
    {
        if (request.Headers.ContentEncoding.ToString() is { Length: > 0 } coding && !coding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            throw new FaultException(Fault.UnsupportedMediaType, "the body must not have a Content-Encoding");
    }

    /// <summary>A form around a file would become the evidence, boundary lines and all, and what <c>curl -d @file</c> sends is no file any more:
    /// it leaves out line ends. Refuse them rather than guess.</summary>
    public static void RefuseForms(HttpRequest request)
    {
        if (request.ContentType is { } type && (type.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase)
            || type.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase)))
            throw new FaultException(Fault.UnsupportedMediaType, "send the file's bytes as the body, not a form: with curl, --data-binary @FILE or -T FILE "
                + "(-d alters them), and -H 'Content-Type: application/octet-stream' or the file's own type");
    }

    /// <summary>RFC 9110 §12.5.1: true when the caller takes one of the types the route's success answers have.</summary>
    public static bool Acceptable(HttpContext http, Endpoint endpoint)
    {
        var accept = http.Request.Headers.Accept;
        if (accept.Count == 0 || endpoint.Metadata.GetMetadata<AnyMediaType>() is not null)
            return true;

        var offered = endpoint.Metadata.OfType<IProducesResponseTypeMetadata>()
            .Where(p => p.StatusCode is >= 200 and < 300)
            .SelectMany(p => p.ContentTypes)
            .Select(c => new MediaTypeHeaderValue(c))
            .ToList();
        if (offered.Count == 0)
            return true;

        if (!MediaTypeHeaderValue.TryParseStrictList(accept, out var ranges))
            throw new FaultException(Fault.Malformed, "the Accept header is not a list of media ranges");

        return ranges.Where(r => r.Quality is not 0)
            .Any(r => offered.Any(o => new MediaTypeHeaderValue(o.MediaType).IsSubsetOf(new MediaTypeHeaderValue(r.MediaType))));
    }
}
