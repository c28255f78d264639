namespace Notary.Deposits;

/// <summary>What intake refuses, and how a request is recognised again.</summary>
internal static class DepositRules
{
    public static void Check(DepositOptions options)
    {
        CheckName(options.Name ?? "");
        CheckMediaType(options.MediaType);
        Require(options.Notes.Count <= DepositLimits.MaxNotes, $"at most {DepositLimits.MaxNotes} notes are kept");
        Require(NotesBytes(options) <= DepositLimits.MaxNotesBytes, $"notes hold at most {DepositLimits.MaxNotesBytes} bytes together");
        Require(options.Notes.Keys.All(key => key.Length > 0), "a note has a name");
        if (options.IdempotencyKey is { } key)
            Require(key.Length is > 0 and <= DepositLimits.MaxIdempotencyKeyLength && key.All(c => c is >= ' ' and <= '~'),
                $"an idempotency key is 1 to {DepositLimits.MaxIdempotencyKeyLength} printable ASCII characters");
    }

    /// <summary>The items of one deposit, or of one bulk request, up to <paramref name="most"/>.
    /// What is wrong with one is told with its place, from 0.</summary>
    public static void Check(IReadOnlyList<DigestItem> items, int most)
    {
        Require(items.Count >= 1 && items.Count <= most, $"a request holds 1 to {most} items");
        for (var i = 0; i < items.Count; i++)
        {
            try
            {
                CheckName(items[i].Name);
                CheckMediaType(items[i].MediaType);
                CheckSize(items[i].Size);
            }
            catch (FaultException e)
            {
                throw new FaultException(e.Fault, $"items[{i}]: {e.Message}", e);
            }
        }
    }

    /// <summary>Bytes that somebody says of a file.</summary>
    public static void CheckSize(long? size) => Require(size is null or (>= 0 and <= Manifest.MaxSize), $"a size is 0 to {Manifest.MaxSize}");

    /// <summary>What a bulk request may say besides its items.</summary>
    public static void CheckBulk(DepositOptions options)
    {
        Check(options);
        Require(options.IdempotencyKey is not null, "a bulk request has an Idempotency-Key");
        Require(NotesBytes(options) <= DepositLimits.MaxBulkNotesBytes,
            $"notes of a bulk request hold at most {DepositLimits.MaxBulkNotesBytes} bytes together");
    }

    /// <summary>Equal for equal requests only: every part is delimited by its length.</summary>
    public static string Fingerprint(string kind, DepositOptions options, IEnumerable<DigestItem> items)
    {
        var text = new StringBuilder();
        void Part(string? value) => text.Append(value?.Length ?? -1).Append(':').Append(value);
        Part(kind);
        Part(options.Previous?.ToString());
        Part(options.LetterOnRequest ? "onRequest" : "eager");
        foreach (var (key, value) in options.Notes.OrderBy(note => note.Key, StringComparer.Ordinal))
        {
            Part(key);
            Part(value);
        }

        foreach (var item in items)
        {
            Part(item.Name);
            Part(item.MediaType);
            Part(item.Size?.ToString(System.Globalization.CultureInfo.InvariantCulture));
            Part(item.Sha256.ToString());
        }

        return Digest.Of(Encoding.UTF8.GetBytes(text.ToString())).ToString();
    }

    /// <exception cref="FaultException"><see cref="Fault.IdempotencyConflict"/> when a key's first request was another one.</exception>
    public static void CheckSame(string firstFingerprint, string fingerprint)
    {
        if (firstFingerprint != fingerprint)
            throw new FaultException(Fault.IdempotencyConflict, "this idempotency key was used for another request");
    }

    private static int NotesBytes(DepositOptions options) => options.Notes.Sum(note => Bytes(note.Key) + Bytes(note.Value));

    private static void CheckName(string name)
    {
        Require(name.Length <= DepositLimits.MaxNameLength, $"a name holds at most {DepositLimits.MaxNameLength} characters (units of UTF-16)");
        Require(!name.Any(char.IsControl), "a name holds no control characters");
    }

    private static void CheckMediaType(string? type)
        => Require(type is null || (type.Length <= DepositLimits.MaxMediaTypeLength && System.Net.Http.Headers.MediaTypeHeaderValue.TryParse(type, out _)),
            "the media type is not of the form type/subtype (RFC 6838)");

    private static int Bytes(string text)
    {
        try
        {
            return StrictUtf8.GetByteCount(text);
        }
        catch (EncoderFallbackException)
        {
            throw new FaultException(Fault.Malformed, "text holds half of a surrogate pair");
        }
    }

    private static void Require(bool holds, string why)
    {
        if (!holds)
            throw new FaultException(Fault.Malformed, why);
    }

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
}
