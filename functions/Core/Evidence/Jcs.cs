using System.Text.Json.Nodes;

namespace Notary.Evidence;

/// <summary>JSON Canonicalization Scheme, RFC 8785: one byte sequence for one JSON value, so that JSON can be hashed.</summary>
public static class Jcs
{
    /// <summary>Deepest nesting accepted: a value nested by the million would overflow the stack.</summary>
    public const int MaxDepth = 64;

    /// <summary>The canonical UTF-8 bytes of <paramref name="e"/>.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>: duplicate member names, lone surrogates, a number no double can hold,
    /// or nesting beyond <see cref="MaxDepth"/>.</exception>
    public static byte[] Canonicalize(JsonElement e)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        Write(new JcsWriter(output), e, 0);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>The canonical bytes of <paramref name="n"/>; null is the JSON value null.</summary>
    /// <exception cref="FaultException">As for the other overload; also NaN and the infinities.</exception>
    public static byte[] Canonicalize(JsonNode? n)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        try
        {
            Write(new JcsWriter(output), n, 0);
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            throw new FaultException(Fault.Malformed, "not a value that JSON can express", e);
        }

        return output.WrittenSpan.ToArray();
    }

    /// <summary>Reads <paramref name="utf8"/> and tells whether it is its own canonical form. Throws like <see cref="Canonicalize(JsonElement)"/>,
    /// also for text that is no JSON.</summary>
    public static JsonDocument ParseCanonical(ReadOnlySpan<byte> utf8)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(utf8.ToArray(), Depth);
        }
        catch (JsonException e)
        {
            throw new FaultException(Fault.Malformed, "not JSON", e);
        }

        try
        {
            if (!Canonicalize(document.RootElement).AsSpan().SequenceEqual(utf8))
                throw new FaultException(Fault.Malformed, "not in the canonical form of RFC 8785");

            return document;
        }
        catch
        {
            document.Dispose();
            throw;
        }
    }

    private static readonly JsonDocumentOptions Depth = new() { MaxDepth = MaxDepth };

    private static void Write(JcsWriter writer, JsonElement e, int depth)
    {
        switch (e.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(writer, e.EnumerateObject().Select(m => KeyValuePair.Create(Name(m), m.Value)), depth, static (w, item, d) => Write(w, item, d));
                break;
            case JsonValueKind.Array:
                WriteArray(writer, e.EnumerateArray(), depth, static (w, item, d) => Write(w, item, d));
                break;
            case JsonValueKind.String:
                writer.String(Text(e));
                break;
            case JsonValueKind.Number:
                writer.Number(e.TryGetDouble(out var number) ? number : double.NaN);
                break;
            case JsonValueKind.True:
                writer.Raw("true"u8);
                break;
            case JsonValueKind.False:
                writer.Raw("false"u8);
                break;
            case JsonValueKind.Null:
                writer.Raw("null"u8);
                break;
            default:
                throw new FaultException(Fault.Malformed, "not a JSON value");
        }
    }

    // Not by way of the library's own writer: that puts U+FFFD in a lone surrogate's place instead of refusing it.
    private static void Write(JcsWriter writer, JsonNode? n, int depth)
    {
        switch (n)
        {
            case JsonObject o:
                WriteObject(writer, o, depth, static (w, item, d) => Write(w, item, d));
                break;
            case JsonArray a:
                WriteArray(writer, a, depth, static (w, item, d) => Write(w, item, d));
                break;
            case JsonValue v when v.TryGetValue<string>(out var text):
                writer.String(text);
                break;
            case JsonValue v when v.TryGetValue<char>(out var c):
                writer.String([c]);
                break;
            default:
                using (var parsed = JsonDocument.Parse(n is null ? "null" : n.ToJsonString(), Depth))
                {
                    Write(writer, parsed.RootElement, depth);
                }

                break;
        }
    }

    private static void WriteArray<T>(JcsWriter writer, IEnumerable<T> items, int depth, Action<JcsWriter, T, int> write)
    {
        Bound(depth);
        writer.Raw("["u8);
        var first = true;
        foreach (var item in items)
        {
            if (!first)
                writer.Raw(","u8);

            first = false;
            write(writer, item, depth + 1);
        }

        writer.Raw("]"u8);
    }

    // §3.2.3: members sorted by their names' UTF-16 code units, which is what an ordinal comparison in .NET compares.
    private static void WriteObject<T>(JcsWriter writer, IEnumerable<KeyValuePair<string, T>> members, int depth, Action<JcsWriter, T, int> write)
    {
        Bound(depth);
        var sorted = members.ToList();
        sorted.Sort(static (a, b) => string.CompareOrdinal(a.Key, b.Key));
        writer.Raw("{"u8);
        for (var i = 0; i < sorted.Count; i++)
        {
            if (i > 0)
            {
                if (sorted[i].Key == sorted[i - 1].Key)
                    throw new FaultException(Fault.Malformed, "a member name occurs twice");

                writer.Raw(","u8);
            }

            writer.String(sorted[i].Key);
            writer.Raw(":"u8);
            write(writer, sorted[i].Value, depth + 1);
        }

        writer.Raw("}"u8);
    }

    private static void Bound(int depth)
    {
        if (depth >= MaxDepth)
            throw new FaultException(Fault.Malformed, $"nested deeper than {MaxDepth}");
    }

    private static string Text(JsonElement e)
    {
        try
        {
            return e.GetString()!;
        }
        catch (InvalidOperationException cause)
        {
            throw new FaultException(Fault.Malformed, "a string holds a lone surrogate or is not UTF-8", cause);
        }
    }

    private static string Name(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException cause)
        {
            throw new FaultException(Fault.Malformed, "a member name holds a lone surrogate or is not UTF-8", cause);
        }
    }
}
