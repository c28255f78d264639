using System.Globalization;
using Microsoft.Net.Http.Headers;
using Notary.Deposits;
using Notary.Evidence;
using Notary.Host.Http;
using Notary.Verification;

namespace Notary.Host.Api;

/// <summary>An original, whole or one range of it (RFC 9110 §13–14). Its ETag is its digest: the same bytes, for ever.</summary>
/// <param name="original">What is kept.</param>
/// <param name="open">Opens the plain bytes from an offset, of a length.</param>
internal sealed class FileAnswer(OriginalInfo original, Func<long, long?, CancellationToken, Task<Stream>> open) : IResult
{
    // One read, decrypt and send; larger gains nothing and costs memory for each reader.
    private const int CopyBytes = 128 * 1024;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (request, response) = (httpContext.Request.GetTypedHeaders(), httpContext.Response);
        var etag = new EntityTagHeaderValue($"\"{original.Sha256}\"");
        response.Headers.ETag = etag.ToString();
        response.Headers.AcceptRanges = "bytes";
        response.Headers.CacheControl = "private, no-cache";
        Guard(httpContext);
        if (request.IfNoneMatch.Any(t => t.Compare(etag, useStrongComparison: false) || t.Equals(EntityTagHeaderValue.Any)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        // A Range that is not understood, is for another version, or stands on a HEAD, which has none (RFC 9110 §14.2), is answered with the whole.
        var isHead = HttpMethods.IsHead(Method(httpContext));
        var range = !isHead && (request.IfRange is null || (request.IfRange.EntityTag is { } tag && tag.Compare(etag, useStrongComparison: true)))
            ? ByteRange.Of(httpContext.Request.Headers.Range, original.Size)
            : null;
        if (range is { Length: 0 })
        {
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{original.Size}");
            throw new FaultException(Fault.RangeNotSatisfiable, "the range begins behind the end");
        }

        var (offset, length) = range is { } r ? (r.Offset, r.Length) : (0, original.Size);
        var content = length == 0 || isHead ? null : await open(offset, length, httpContext.RequestAborted);
        response.StatusCode = range is null ? StatusCodes.Status200OK : StatusCodes.Status206PartialContent;
        response.ContentType = original.MediaType;
        response.ContentLength = length;
        response.Headers["Repr-Digest"] = ContentDigest.Format(original.Sha256);
        response.Headers.ContentDisposition = Disposition(original.Name);
        if (range is not null)
        {
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {offset}-{offset + length - 1}/{original.Size}");
        }

        if (content is not null)
        {
            await using (content)
            {
                await content.CopyToAsync(response.Body, CopyBytes, httpContext.RequestAborted);
            }
        }
    }

    /// <summary>A depositor's file is his own words: a browser must neither guess its type nor run it as ours.</summary>
    public static void Guard(HttpContext http)
    {
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
    }

    // The method as sent: ProblemMiddleware shows handlers a GET.
    private static string Method(HttpContext http) => http.Items.TryGetValue(ProblemMiddleware.SentMethod, out var sent) ? (string)sent! : http.Request.Method;

    private static string Disposition(string name)
    {
        var disposition = new ContentDispositionHeaderValue("attachment");
        if (name.Length > 0)
        {
            disposition.SetHttpFileName(name);
        }

        return disposition.ToString();
    }
}

/// <summary>A bundle, written front to back while it is made.</summary>
internal sealed class BundleAnswer(BundleContents contents, string fileName) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = "application/zip";
        response.Headers.ContentDisposition = $"attachment; filename={fileName}";
        response.Headers.CacheControl = "private, no-store";
        FileAnswer.Guard(httpContext);
        return BundleWriter.WriteAsync(response.Body, contents, httpContext.RequestAborted);
    }
}
