namespace Notary.Host.Http;

/// <summary>Conditional requests by entity tag (RFC 9110 §13.2.2); what we serve has no Last-Modified, so conditions by date do not apply.</summary>
internal static class Preconditions
{
    /// <summary>Sets the answer's ETag and judges If-Match and If-None-Match. False when the answer is 304 and complete.</summary>
    /// <exception cref="FaultException">PreconditionFailed.</exception>
    public static bool Hold(HttpContext http, EntityTagHeaderValue etag)
    {
        var (sent, request) = (http.Request.Headers, http.Request.GetTypedHeaders());

        // A header that names nothing readable does not name what is here either.
        if (sent.IfMatch.Count > 0 && !request.IfMatch.Any(t => Names(t, etag, strong: true)))
            throw new FaultException(Fault.PreconditionFailed, "If-Match names another version than the one that is here");

        http.Response.Headers.ETag = etag.ToString();
        http.Response.Headers.CacheControl = "private, no-cache";
        if (!request.IfNoneMatch.Any(t => Names(t, etag, strong: false)))
            return true;

        http.Response.StatusCode = StatusCodes.Status304NotModified;
        return false;
    }

    private static bool Names(EntityTagHeaderValue tag, EntityTagHeaderValue etag, bool strong)
        => tag.Equals(EntityTagHeaderValue.Any) || tag.Compare(etag, strong);
}
