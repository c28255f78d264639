using System.IO.Compression;
using Notary.Evidence.Batches;

namespace Notary.Host.Http;

/// <summary>A batch's body, unpacked and counted.</summary>
internal static class UnpackedBody
{
    private const string Gzip = "gzip";

    /// <summary>Bytes that may unfold whatever the ratio: few lines can all be alike.</summary>
    private const long FreeBytes = 1 << 20;

    /// <param name="request">Whose Content-Encoding says whether to unpack.</param>
    /// <param name="body">Its bytes as they come.</param>
    /// <exception cref="FaultException">UnsupportedMediaType: another coding. While it is read TooLarge, and Malformed for what is no gzip.</exception>
    public static Stream Of(HttpRequest request, Stream body)
    {
        var coding = request.Headers.ContentEncoding.ToString();
        if (coding.Length == 0 || coding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            return new Bounded(body, null);

        if (!coding.Equals(Gzip, StringComparison.OrdinalIgnoreCase))
            throw new FaultException(Fault.UnsupportedMediaType, "the body may have the Content-Encoding gzip and no other");

        var packed = new Counted(body);
        return new Bounded(new GZipStream(packed, CompressionMode.Decompress), packed);
    }

    private sealed class Counted(Stream inner) : ForwardStream
    {
        public long Count { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            Count += read;
            return read;
        }
    }

    private sealed class Bounded(Stream inner, Counted? packed) : ForwardStream
    {
        private long count;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                var read = await inner.ReadAsync(buffer, cancellationToken);
                count += read;
                if (count > BatchFormat.MaxBytes || (packed is not null && count > FreeBytes + (packed.Count * BatchFormat.MaxRatio)))
                    throw new FaultException(Fault.TooLarge,
                        $"a batch has at most {BatchFormat.MaxBytes} bytes, unpacked at most {BatchFormat.MaxRatio} times as many as packed");

                return read;
            }
            catch (InvalidDataException e)
            {
                throw new FaultException(Fault.Malformed, "the body is not gzip, as its Content-Encoding says", e);
            }
        }
    }
}
