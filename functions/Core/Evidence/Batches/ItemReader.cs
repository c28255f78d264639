using System.Text.Unicode;
using Notary.Evidence.Draws;

namespace Notary.Evidence.Batches;

/// <summary>Reads a partner's lines and writes each as the item that it becomes. One for each thread.</summary>
internal sealed class ItemReader(ItemSeed seed)
{
    private readonly ItemWriter writer = new();
    private readonly LeafLanes lanes = new();
    private readonly ItemSalts salts = new(seed);
    private readonly byte[] unescaped = new byte[BatchFormat.MaxLine];

    /// <summary>A media type that was found to be one: most items of a batch have the same.</summary>
    private byte[] known = [];

    private int used;

    /// <summary>Every line of a block, or those up to the last refusal that is told: refusing is dear, and a list of nothing else is an attack.
    /// Lines before the block are items, one each.</summary>
    public ItemChunk Read(RowBlock block)
    {
        var chunk = new ItemChunk { Sent = Digest.Of(block.Span) };
        var rest = block.Span;
        var valid = Utf8.IsValid(rest);
        for (var line = block.FirstLine; !rest.IsEmpty && chunk.Refusals.Count < BatchRefusedException.MostTold; line++)
        {
            var end = rest.IndexOf((byte)'\n');
            var text = end < 0 ? rest : rest[..end];
            rest = end < 0 ? [] : rest[(end + 1)..];
            var wrong = line > BatchFormat.MaxItems ? LineCodes.TooMany
                : text.IsEmpty ? LineCodes.Json
                : text.Length > BatchFormat.MaxLine ? LineCodes.Long
                : !valid && !Utf8.IsValid(text) ? LineCodes.Encoding
                : Line(text, line - 1);
            if (wrong is null)
                chunk.Add(line - 1, writer.Written, lanes);
            else
                chunk.Refuse(line, wrong);
        }

        chunk.End(lanes);
        return chunk;
    }

    private string? Line(ReadOnlySpan<byte> text, long number)
    {
        try
        {
            return Item(text, number);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter: half a surrogate pair, escaped.
            return LineCodes.Json;
        }
    }

    /// <summary>Writes the item; or tells what is wrong.</summary>
    private string? Item(ReadOnlySpan<byte> text, long number)
    {
        ReadOnlySpan<byte> sha256 = default, name = default, type = default, reference = default;
        var (size, seen, notes) = (-1L, Has.Nothing, (List<KeyValuePair<string, string>>?)null);
        used = 0;
        var json = new Utf8JsonReader(text);
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            return LineCodes.Json;

        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var member = Member(ref json);
            if (member == Has.Nothing || (seen & member) != 0)
                return LineCodes.Members;

            seen |= member;
            json.Read();
            switch (member)
            {
                case Has.Size:
                    if (json.TokenType != JsonTokenType.Number || !json.TryGetInt64(out size) || size is < 0 or > Manifest.MaxSize)
                        return LineCodes.Size;

                    break;
                case Has.Notes:
                    if (Notes(ref json) is not { } read)
                        return LineCodes.Notes;

                    notes = read;
                    break;
                default:
                    if (json.TokenType != JsonTokenType.String)
                        return CodeOf(member);

                    var value = Unescaped(ref json);
                    if (member == Has.Sha256)
                        sha256 = value;
                    else if (member == Has.Name)
                        name = value;
                    else if (member == Has.Type)
                        type = value;
                    else
                        reference = value;

                    break;
            }
        }

        // Whatever stands behind the object makes the reader throw.
        if (json.TokenType != JsonTokenType.EndObject || json.Read())
            return LineCodes.Json;

        if ((seen & Has.Sha256) == 0 || !writer.Begin(sha256))
            return LineCodes.Digest;

        if ((seen & Has.Type) != 0 && !IsMediaType(type))
            return LineCodes.MediaType;

        if ((seen & Has.Name) != 0 && !IsPlain(name, 0, Manifest.MaxNameLength))
            return LineCodes.Name;

        if ((seen & Has.Reference) != 0 && !IsPlain(reference, 1, BatchFormat.MaxReferenceLength))
            return LineCodes.Reference;

        if ((seen & Has.Type) != 0)
            writer.Text(",\"mediaType\":"u8, type);

        if ((seen & Has.Name) != 0)
            writer.Text(",\"name\":"u8, name);

        if (notes is { Count: > 0 })
            writer.Notes(notes);

        if ((seen & Has.Reference) != 0)
            writer.Text(",\"reference\":"u8, reference);

        writer.Salt(salts.Of(number));
        writer.End(size);
        return writer.Written.Length > BatchFormat.MaxItemBytes ? LineCodes.Long : null;
    }

    [Flags]
    private enum Has
    {
        Nothing = 0,
        Sha256 = 1,
        Name = 2,
        Type = 4,
        Size = 8,
        Notes = 16,
        Reference = 32,
    }

    private static Has Member(ref Utf8JsonReader json)
        => json.ValueTextEquals("sha-256"u8) ? Has.Sha256
        : json.ValueTextEquals("name"u8) ? Has.Name
        : json.ValueTextEquals("size"u8) ? Has.Size
        : json.ValueTextEquals("reference"u8) ? Has.Reference
        : json.ValueTextEquals("mediaType"u8) ? Has.Type
        : json.ValueTextEquals("notes"u8) ? Has.Notes
        : Has.Nothing;

    private static string CodeOf(Has member) => member switch
    {
        Has.Sha256 => LineCodes.Digest,
        Has.Name => LineCodes.Name,
        Has.Type => LineCodes.MediaType,
        _ => LineCodes.Reference,
    };

    private ReadOnlySpan<byte> Unescaped(scoped ref Utf8JsonReader json)
    {
        if (!json.ValueIsEscaped)
            return json.ValueSpan;

        var from = used;
        used += json.CopyString(unescaped.AsSpan(used));
        return unescaped.AsSpan(from, used - from);
    }

    private static List<KeyValuePair<string, string>>? Notes(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.StartObject)
            return null;

        var (notes, left) = (new List<KeyValuePair<string, string>>(), BatchFormat.MaxNotesBytes);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.GetString()!;
            if (!json.Read() || json.TokenType != JsonTokenType.String)
                return null;

            var text = json.GetString()!;
            left -= Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(text);
            if (name.Length == 0 || left < 0 || notes.Count == Manifest.MaxNotes)
                return null;

            notes.Add(KeyValuePair.Create(name, text));
        }

        // RFC 8785 §3.2.3, and no name twice.
        notes.Sort(static (a, b) => string.CompareOrdinal(a.Key, b.Key));
        for (var i = 1; i < notes.Count; i++)
        {
            if (notes[i].Key == notes[i - 1].Key)
                return null;
        }

        return notes;
    }

    /// <summary>No control characters, and a length in UTF-16 within bounds: as deposits have it.</summary>
    private static bool IsPlain(ReadOnlySpan<byte> text, int min, int max)
    {
        if (text.Length < min || (text.Length > max && Encoding.UTF8.GetCharCount(text) > max) || text.IndexOfAnyInRange((byte)0, (byte)0x1f) >= 0
            || text.Contains((byte)0x7f))
        {
            return false;
        }

        // U+0080 to U+009F.
        for (var rest = text; rest.IndexOf((byte)0xc2) is >= 0 and var at; rest = rest[(at + 1)..])
        {
            if (rest[at + 1] < 0xa0)
                return false;
        }

        return true;
    }

    private bool IsMediaType(ReadOnlySpan<byte> type)
    {
        if (type.SequenceEqual(known))
            return true;

        if (type.Length > Manifest.MaxMediaTypeBytes || !System.Net.Http.Headers.MediaTypeHeaderValue.TryParse(Encoding.UTF8.GetString(type), out _))
            return false;

        known = type.ToArray();
        return true;
    }
}
