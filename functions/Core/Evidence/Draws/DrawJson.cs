using System.Text.Json.Nodes;

namespace Notary.Evidence.Draws;

/// <summary>Reading the files of notary-draw/1: canonical, every member known, every number bounded.</summary>
internal static class DrawJson
{
    /// <summary>The greatest whole number that JSON readers agree on (RFC 8259 §6).</summary>
    public const long MaxNumber = (1L << 53) - 1;

    /// <summary>UTC, to the second.</summary>
    public const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>Reads a file that <paramref name="write"/> would write again byte for byte.</summary>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>: anything else, or more than <paramref name="most"/> bytes.</exception>
    public static T Read<T>(ReadOnlySpan<byte> bytes, string file, int most, Func<JsonElement, T> read, Func<T, byte[]> write)
    {
        if (bytes.Length > most)
            throw Bad(file, $"is longer than {most} bytes");

        T value;
        try
        {
            using var document = Jcs.ParseCanonical(bytes);
            value = read(document.RootElement);
        }
        catch (FaultException e)
        {
            throw new FaultException(Fault.Malformed, $"{file}: {e.Message}", e);
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new FaultException(Fault.Malformed, $"{file} lacks a member, or has one of another type", e);
        }

        // Whatever the pieces let through, only bytes that we would write ourselves are such a file.
        return write(value).AsSpan().SequenceEqual(bytes) ? value : throw Bad(file, "has an unknown member or another spelling than its only one");
    }

    public static string Text(JsonElement json, string member) => json.GetProperty(member).GetString() ?? throw new FormatException(member);

    public static Digest Hash(JsonElement json, string member) => Digest.Parse(Text(json, member));

    public static long Number(JsonElement json, string member, long most = MaxNumber)
        => json.GetProperty(member).TryGetInt64(out var n) && n >= 0 && n <= most ? n : throw new FormatException(member);

    public static DateTimeOffset Time(JsonElement json, string member) => DateTimeOffset.ParseExact(
        Text(json, member), TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

    public static IEnumerable<string> Texts(JsonElement json, string member)
        => json.GetProperty(member).EnumerateArray().Select(e => e.GetString() ?? throw new FormatException(member));

    public static JsonArray Array(IEnumerable<JsonNode?> items) => new([.. items]);

    public static JsonArray Array(IEnumerable<string> items) => Array(items.Select(i => (JsonNode?)i));

    public static FaultException Bad(string file, string what) => new(Fault.Malformed, $"{file} {what}");
}
