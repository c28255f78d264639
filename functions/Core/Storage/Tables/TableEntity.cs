using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Azure;

namespace Notary.Storage;

/// <summary>One row: two keys and up to 252 typed properties. The shape of Azure.Data.Tables' class of this name.</summary>
/// <remarks>
/// Values and their Edm types: string, bool, int (Int32), long (Int64), double, <see cref="DateTimeOffset"/> (DateTime,
/// UTC), <see cref="Guid"/>, byte[] (Binary, at most 64 KiB). A null is not stored. Property names are case-sensitive.
/// </remarks>
public sealed class TableEntity : IEnumerable<KeyValuePair<string, object?>>
{
    internal const string PartitionKeyName = "PartitionKey";
    internal const string RowKeyName = "RowKey";
    internal const string TimestampName = "Timestamp";

    private readonly Dictionary<string, object?> properties = new(StringComparer.Ordinal);

    public TableEntity(string partitionKey, string rowKey)
    {
        TableKeys.Check(partitionKey, nameof(partitionKey));
        TableKeys.Check(rowKey, nameof(rowKey));
        PartitionKey = partitionKey;
        RowKey = rowKey;
    }

    public string PartitionKey { get; }

    public string RowKey { get; }

    /// <summary>The version that was read; default for an entity that was not.</summary>
    public ETag ETag { get; set; }

    /// <summary>When the service last wrote the row; null for an entity that was not read.</summary>
    public DateTimeOffset? Timestamp { get; internal set; }

    /// <summary>The properties without keys, ETag and Timestamp.</summary>
    public IReadOnlyCollection<string> Keys => properties.Keys;

    public int Count => properties.Count;

    /// <summary>A property's value, or null when the row has none of that name.</summary>
    /// <exception cref="ArgumentException">On setting: a value of a type that tables do not have, or a system property's name.</exception>
    public object? this[string name]
    {
        get => properties.GetValueOrDefault(name);
        set => properties[CheckName(name)] = CheckValue(value);
    }

    public void Add(string name, object? value) => properties.Add(CheckName(name), CheckValue(value));

    public bool Remove(string name) => properties.Remove(name);

    public bool ContainsKey(string name) => properties.ContainsKey(name);

    public bool TryGetValue(string name, [NotNullWhen(true)] out object? value)
        => properties.TryGetValue(name, out value) && value is not null;

    public string? GetString(string name) => Get<string>(name);

    public byte[]? GetBinary(string name) => Get<byte[]>(name);

    public bool? GetBoolean(string name) => GetValue<bool>(name);

    public int? GetInt32(string name) => GetValue<int>(name);

    public long? GetInt64(string name) => GetValue<long>(name);

    public double? GetDouble(string name) => GetValue<double>(name);

    public Guid? GetGuid(string name) => GetValue<Guid>(name);

    public DateTimeOffset? GetDateTimeOffset(string name) => GetValue<DateTimeOffset>(name);

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => properties.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static string CheckName(string name)
        => name is PartitionKeyName or RowKeyName or TimestampName || name.StartsWith("odata.", StringComparison.Ordinal)
            ? throw new ArgumentException($"{name} is the service's own property", nameof(name))
            : name;

    private static object? CheckValue(object? value)
        => value is null or string or bool or int or long or double or DateTimeOffset or Guid or byte[]
            ? value
            : throw new ArgumentException($"tables have no type for {value.GetType().Name}", nameof(value));

    private T? Get<T>(string name)
        where T : class
        => this[name] switch
        {
            null => null,
            T value => value,
            var other => throw WrongType<T>(name, other),
        };

    private T? GetValue<T>(string name)
        where T : struct
        => this[name] switch
        {
            null => null,
            T value => value,
            var other => throw WrongType<T>(name, other),
        };

    private static InvalidOperationException WrongType<T>(string name, object other)
        => new($"property {name} is {other.GetType().Name}, not {typeof(T).Name}");
}
