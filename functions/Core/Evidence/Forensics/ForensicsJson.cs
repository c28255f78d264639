using System.Buffers.Text;
using System.Text.Json.Nodes;
using Notary.Evidence.Draws;

namespace Notary.Evidence.Forensics;

/// <summary>Reading members of notary-forensics/1, each within its bound, for <see cref="DrawJson.Read"/>, which turns the exceptions.</summary>
internal static class ForensicsJson
{
    /// <summary>Characters of what people and machines are called: a page's title, a file, a check.</summary>
    public const int MaxName = 255;

    /// <summary>Characters of an address: what browsers keep of one.</summary>
    public const int MaxAddress = 8192;

    /// <summary>Characters of a note, an expectation, a finding.</summary>
    public const int MaxText = 4096;

    public static string Text(JsonElement json, string member, int most)
        => DrawJson.Text(json, member) is { Length: > 0 } text && text.Length <= most ? text : throw new FormatException(member);

    public static string? Optional(JsonElement json, string member, int most)
        => json.TryGetProperty(member, out _) ? Text(json, member, most) : null;

    public static long Number(JsonElement json, string member, long most = DrawJson.MaxNumber) => DrawJson.Number(json, member, most);

    public static long Signed(JsonElement json, string member)
        => json.GetProperty(member).TryGetInt64(out var n) && n is >= -DrawJson.MaxNumber and <= DrawJson.MaxNumber ? n : throw new FormatException(member);

    public static DateTimeOffset Time(JsonElement json, string member) => DateTimeOffset.ParseExact(
        DrawJson.Text(json, member), ForensicsFormat.TimeFormat, CultureInfo.InvariantCulture,
        DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString(ForensicsFormat.TimeFormat, CultureInfo.InvariantCulture);

    /// <param name="json">The object.</param>
    /// <param name="member">Of it.</param>
    /// <param name="length">Bytes that there must be.</param>
    public static byte[] Bytes(JsonElement json, string member, int length)
        => Base64Url.DecodeFromChars(DrawJson.Text(json, member)) is var bytes && bytes.Length == length ? bytes : throw new FormatException(member);

    public static DepositId Session(JsonElement json) => DepositId.Parse(DrawJson.Text(json, "session"));

    /// <summary>An enumeration's member as the format spells it.</summary>
    public static string Word<T>(T value) where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    public static T Choice<T>(JsonElement json, string member) where T : struct, Enum
    {
        var word = DrawJson.Text(json, member);
        foreach (var value in Enum.GetValues<T>())
        {
            if (Word(value) == word)
                return value;
        }

        throw new FormatException(member);
    }

    /// <summary>A path in the package: ASCII names without a leading dot, so that it leads nowhere else on any system.</summary>
    public static string Path(JsonElement json, string member, string folder)
    {
        var path = Text(json, member, MaxName);
        var names = path.Split('/');
        return names.Length is >= 2 and <= 4 && names[0] == folder && names.All(IsName) ? path : throw new FormatException(member);
    }

    public static bool IsName(string name) => name.Length > 0 && name[0] != '.' && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    public static IReadOnlyList<T> List<T>(JsonElement json, string member, int most, Func<JsonElement, T> read)
        => json.GetProperty(member) is var list && list.GetArrayLength() <= most ? [.. list.EnumerateArray().Select(read)] : throw new FormatException(member);

    public static JsonObject With(this JsonObject json, string member, string? optional)
    {
        if (optional is not null)
            json[member] = optional;

        return json;
    }
}
