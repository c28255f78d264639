using System.Globalization;

namespace Notary.Storage;

/// <summary>Builds OData filters: <c>TableFilter.Create($"PartitionKey eq {key} and Due le {time}")</c>. Every hole becomes a literal of its type.</summary>
/// <remarks>The only way a caller's text gets into a filter, so that a quote in it cannot end the literal.</remarks>
public static class TableFilter
{
    public static string Create(FormattableString filter)
        => string.Format(CultureInfo.InvariantCulture, filter.Format, [.. filter.GetArguments().Select(Literal)]);

    private static string Literal(object? value)
        => value switch
        {
            string text => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'",
            bool flag => flag ? "true" : "false",
            int number => number.ToString(CultureInfo.InvariantCulture),
            long number => number.ToString(CultureInfo.InvariantCulture) + "L",
            double number => number.ToString("R", CultureInfo.InvariantCulture),
            DateTimeOffset time => $"datetime'{time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture)}'",
            Guid guid => $"guid'{guid:D}'",
            byte[] bytes => $"X'{Convert.ToHexString(bytes)}'",
            _ => throw new ArgumentException($"a filter cannot hold {value?.GetType().Name ?? "null"}", nameof(value)),
        };
}
