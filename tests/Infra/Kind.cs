namespace Notary.Infra.Tests;

/// <summary>What a value may be: by a published resource type, or by a type of these files.</summary>
public abstract record Kind
{
    public sealed record Anything : Kind
    {
        public override string ToString() => "anything";
    }

    /// <param name="Min">Least length in characters.</param>
    public sealed record Text(long? Min = null, long? Max = null, string? Pattern = null) : Kind
    {
        public override string ToString() => "text";
    }

    public sealed record Number(long? Min = null, long? Max = null) : Kind
    {
        public override string ToString() => "number";
    }

    public sealed record Flag : Kind
    {
        public override string ToString() => "true or false";
    }

    public sealed record OneOf(IReadOnlyList<string> Values, bool Numbers) : Kind
    {
        public override string ToString() => string.Join(" | ", Values);
    }

    public sealed record List(Kind Item) : Kind
    {
        public override string ToString() => $"list of {Item}";
    }

    public sealed record Map(Kind Item) : Kind
    {
        public override string ToString() => $"map of {Item}";
    }

    /// <summary>An object of a named shape; <paramref name="In"/> holds it and the shapes it mentions.</summary>
    public sealed record Named(string Name, IReadOnlyDictionary<string, Shape> In) : Kind
    {
        public Shape Shape => In.TryGetValue(Name, out var shape) ? shape : throw new InvalidOperationException($"no shape {Name}");

        public override string ToString() => Name;
    }
}

/// <param name="By">The property that tells which variant an object is; variants are named <c>Name:value</c>.</param>
public sealed record Shape(string Name, string? By, Dictionary<string, Property> Properties);

public sealed record Property(Kind Kind, bool Required, bool ReadOnly);
