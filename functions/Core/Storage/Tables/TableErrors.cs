using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Azure;
using Azure.Core;

namespace Notary.Storage;

/// <summary>Reads <c>{"odata.error":{"code":…,"message":{"value":…}}}</c>.</summary>
internal sealed class TableErrors : RequestFailedDetailsParser
{
    public static TableErrors Parser { get; } = new();

    public override bool TryParse(Response response, [NotNullWhen(true)] out ResponseError? error, out IDictionary<string, string>? data)
    {
        data = null;
        error = TryRead(response.Content.ToMemory().Span, out var code, out var message) ? new ResponseError(code, message) : null;
        return error is not null;
    }

    /// <summary>Code and first line of an error body; false when it is not one (a proxy's page, an empty body).</summary>
    public static bool TryRead(ReadOnlySpan<byte> body, [NotNullWhen(true)] out string? code, out string message)
    {
        code = null;
        message = "";
        try
        {
            var reader = new Utf8JsonReader(body);
            using var json = JsonDocument.ParseValue(ref reader);
            var error = json.RootElement.GetProperty("odata.error");
            code = error.GetProperty("code").GetString();
            message = error.GetProperty("message").GetProperty("value").GetString()?.Split('\n')[0] ?? "";
            return code is not null;
        }
        catch (Exception unreadable) when (unreadable is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>The failing action's position, which the service puts before the message: <c>3:The specified entity already exists.</c></summary>
    public static int? Index(string message)
        => message.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon
            && int.TryParse(message.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null;
}
