namespace Notary.Host.Api;

/// <summary>An original or a letter, whole or one range of it (RFC 9110 §13–14). Its ETag is its digest.</summary>
/// <param name="file">What is kept.</param>
/// <param name="open">Opens the plain bytes from an offset, of a length.</param>
internal sealed class FileAnswer(OriginalInfo file, Func<long, long?, CancellationToken, Task<Stream>> open) : IResult
{
    // One read, decrypt and send; larger gains nothing and costs memory for each reader.
    private const int CopyBytes = 128 * 1024;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (request, response) = (httpContext.Request.GetTypedHeaders(), httpContext.Response);
        var etag = new EntityTagHeaderValue($"\"{file.Sha256}\"");
        response.Headers.AcceptRanges = "bytes";
        Guard(httpContext);
        if (!Preconditions.Hold(httpContext, etag))
            return;

        // A Range that is not understood, is for another version, or stands on a HEAD, which has none (RFC 9110 §14.2), is answered with the whole.
        var isHead = IsHead(httpContext);
        var range = !isHead && (request.IfRange is null || (request.IfRange.EntityTag is { } tag && tag.Compare(etag, useStrongComparison: true)))
            ? ByteRange.Of(httpContext.Request.Headers.Range, file.Size)
            : null;
        if (range is { Length: 0 })
        {
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{file.Size}");
            throw new FaultException(Fault.RangeNotSatisfiable, "the range begins behind the end");
        }

        var (offset, length) = range is { } r ? (r.Offset, r.Length) : (0, file.Size);
        var content = length == 0 || isHead ? null : await open(offset, length, httpContext.RequestAborted);
        response.StatusCode = range is null ? StatusCodes.Status200OK : StatusCodes.Status206PartialContent;
        response.ContentType = file.MediaType;
        response.ContentLength = length;
        response.Headers["Repr-Digest"] = ContentDigest.Format(file.Sha256);
        response.Headers.ContentDisposition = Disposition(file.Name);
        if (range is not null)
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {offset}-{offset + length - 1}/{file.Size}");

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
    public static bool IsHead(HttpContext http)
        => HttpMethods.IsHead(ProblemMiddleware.MethodOf(http));

    private static string Disposition(string name)
    {
        var disposition = new ContentDispositionHeaderValue("attachment");
        if (name.Length > 0)
            disposition.SetHttpFileName(name);

        return disposition.ToString();
    }
}

/// <summary>A bundle, written front to back while it is made. Its ETag is of what it is made from, since its bytes follow from that.</summary>
internal sealed class BundleAnswer(BundleContents contents, string fileName) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        FileAnswer.Guard(httpContext);
        if (!Preconditions.Hold(httpContext, new EntityTagHeaderValue($"\"{BundleWriter.Fingerprint(contents)}\"")))
            return Task.CompletedTask;

        response.ContentType = "application/zip";
        response.Headers.ContentDisposition = $"attachment; filename={fileName}";
        return FileAnswer.IsHead(httpContext) ? Task.CompletedTask : BundleWriter.WriteAsync(response.Body, contents, httpContext.RequestAborted);
    }
}
