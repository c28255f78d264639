using System.Text.Encodings.Web;

namespace Notary.Host.Http;

/// <summary>JSON in and out. What comes in is read once and strictly: two readings of one request are how signatures get bypassed.</summary>
internal static class StrictJson
{
    /// <summary>Bytes a JSON body may have. 100 items with names of 255 characters, each escaped, stay under half of it.</summary>
    public const int MaxBodyBytes = 1024 * 1024;

    /// <summary>Bytes the JSON body of a bulk request may have: 10,000 items with names of some 100 Chinese characters, media types and quotes.</summary>
    public const int MaxBulkBodyBytes = 8 * 1024 * 1024;

    // Our deepest shape has four levels; deep nesting is an attack on the parser's stack.
    private const int MaxDepth = 16;

    private static ReadOnlySpan<byte> ByteOrderMark => "\ufeff"u8;

    public static readonly JsonSerializerOptions Options = Apply(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    /// <summary>Sets the rules on <paramref name="options"/>: the framework's results are to speak as ours do.</summary>
    public static JsonSerializerOptions Apply(JsonSerializerOptions options)
    {
        options.AllowDuplicateProperties = false;
        options.AllowTrailingCommas = false;
        options.MaxDepth = MaxDepth;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.PropertyNameCaseInsensitive = false;
        options.ReadCommentHandling = JsonCommentHandling.Disallow;
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;

        // Names are Chinese more often than not; nothing of ours is embedded in HTML without encoding there.
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.Converters.Add(new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false));
        options.Converters.Add(new UtcTimeConverter());
        options.Converters.Add(new DigestConverter());
        return options;
    }

    /// <summary>Reads the whole body as one JSON value of type <typeparamref name="T"/>.</summary>
    /// <param name="request">Its body is read once.</param>
    /// <param name="cancel">Gives up.</param>
    /// <param name="max">Bytes the body may have.</param>
    /// <exception cref="FaultException">UnsupportedMediaType unless it is application/json in UTF-8; TooLarge;
    /// Malformed for anything that is not exactly the shape.</exception>
    public static async Task<(T Value, byte[] Bytes)> ReadAsync<T>(HttpRequest request, CancellationToken cancel, int max = MaxBodyBytes)
    {
        MediaTypes.DemandJson(request);
        var bytes = await ReadBytesAsync(request, max, cancel);
        return (Parse<T>(bytes), bytes);
    }

    /// <summary>Reads a body whose members are all optional: no body at all is <paramref name="absent"/>, whatever its type is said to be.</summary>
    /// <exception cref="FaultException">As of <see cref="ReadAsync"/>.</exception>
    public static async Task<T> ReadOptionalAsync<T>(HttpRequest request, T absent, CancellationToken cancel)
    {
        if (await ReadBytesAsync(request, MaxBodyBytes, cancel) is not { Length: > 0 } bytes)
            return absent;

        MediaTypes.DemandJson(request);
        return Parse<T>(bytes);
    }

    /// <summary>Parses bytes under the same rules. A byte order mark before them is skipped (RFC 8259 §8.1): Windows writes one.</summary>
    public static T Parse<T>(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(bytes.StartsWith(ByteOrderMark) ? bytes[ByteOrderMark.Length..] : bytes, Options)
                ?? throw new FaultException(Fault.Malformed, "the body is null");
        }
        catch (JsonException e)
        {
            // The parser's own message quotes the input, and its type names are ours to change.
            var place = e.Path is { Length: > 0 and <= 100 } path && path.All(c => c is > ' ' and < '\x7f') ? $" at {path}" : "";
            throw new FaultException(Fault.Malformed, $"the body is not the JSON this route takes{place}", e);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException or NotSupportedException)
        {
            // Invalid UTF-8 and lone surrogates surface here, after the tokenizer passed them.
            throw new FaultException(Fault.Malformed, "the body is not valid JSON in UTF-8", e);
        }
    }

    /// <summary>Reads a bounded body into memory.</summary>
    public static async Task<byte[]> ReadBytesAsync(HttpRequest request, int max, CancellationToken cancel)
    {
        if (request.ContentLength > max)
            throw new FaultException(Fault.TooLarge, $"the body may have {max} bytes");

        using var buffer = new MemoryStream((int)(request.ContentLength ?? 0));
        var chunk = new byte[16 * 1024];
        for (int read; (read = await request.Body.ReadAsync(chunk, cancel)) > 0;)
        {
            if (buffer.Length + read > max)
                throw new FaultException(Fault.TooLarge, $"the body may have {max} bytes");

            buffer.Write(chunk, 0, read);
        }

        return buffer.ToArray();
    }
}
