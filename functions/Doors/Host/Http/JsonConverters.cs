namespace Notary.Host.Http;

/// <summary>Times are RFC 3339: with any offset when they come in, in UTC with Z when they go out. One without an offset says no time.</summary>
internal sealed class UtcTimeConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        => reader.TokenType == JsonTokenType.String && reader.GetString() is [.., 'Z'] or [.., '+' or '-', _, _, ':', _, _]
            && reader.TryGetDateTimeOffset(out var time)
            ? time.ToUniversalTime()
            : throw new JsonException("a time is RFC 3339 with Z or an offset");

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
        => writer.WriteStringValue(value.UtcDateTime);
}

/// <summary>A digest is 64 hexadecimal digits, of either case when it comes in and lower case when it goes out.</summary>
internal sealed class DigestConverter : JsonConverter<Digest>
{
    public override Digest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        => reader.TokenType == JsonTokenType.String && Digest.TryParseAnyCase(reader.GetString(), out var digest)
            ? digest
            : throw new JsonException("a digest is 64 hexadecimal digits");

    public override void Write(Utf8JsonWriter writer, Digest value, JsonSerializerOptions options)
        => writer.WriteStringValue(value.ToString());
}
