namespace Notary.Evidence.Draws;

/// <summary>Forms in which a list of candidates comes.</summary>
public enum ListFormat
{
    Csv,
    NdJson,
}

/// <summary>Rows read from one block, still in the list's own order; element i of each list is about the same candidate.</summary>
internal sealed class CandidateChunk
{
    public List<Digest> Handles { get; } = [];

    /// <summary>The first half of each salt: equal ones are of equal ids.</summary>
    public List<UInt128> Salts { get; } = [];

    public List<int> Lines { get; } = [];

    public List<ulong> Masked { get; } = [];

    public List<ushort> Groups { get; } = [];

    public List<byte> Weights { get; } = [];

    /// <summary>The first ones.</summary>
    public List<ListRefusal> Refusals { get; } = [];

    public long Refused { get; private set; }

    public void Refuse(long line, string code)
    {
        Refused++;
        if (Refusals.Count < ListRefusedException.MostTold)
            Refusals.Add(new ListRefusal(line, code));
    }

    /// <summary>Forgets the rows, not the room they took.</summary>
    public void Clear()
    {
        Handles.Clear();
        Salts.Clear();
        Lines.Clear();
        Masked.Clear();
        Groups.Clear();
        Weights.Clear();
        Refusals.Clear();
        Refused = 0;
    }
}

/// <summary>Reads candidates from blocks of rows (docs/draw-format.md §1), one after another: each block's rows stand in the same chunk.</summary>
/// <param name="columns">Which column is which; null for NDJSON.</param>
/// <param name="groups">The rules' groups, ordered by bytes; null to take any, as if there were none.</param>
/// <param name="secret">The list's.</param>
/// <param name="lanes">Of the hash kernel.</param>
internal sealed class CandidateReader(Columns? columns, byte[][]? groups, ListSecret secret, int lanes)
{
    /// <summary>Bytes of a row: far more than a candidate needs, far less than a quote that is never closed swallows.</summary>
    public const int MaxRow = 65_536;

    private readonly CandidateBatch batch = new(secret, lanes);
    private readonly byte[] id = new byte[CandidateText.MaxName];
    private readonly byte[] name = new byte[CandidateText.MaxName];
    private readonly byte[] group = new byte[CandidateText.MaxName];
    private readonly byte[] scratch = new byte[MaxRow];

    private readonly CandidateChunk chunk = new();

    /// <summary>Takes each candidate's normalised id, where somebody wants them.</summary>
    public List<string>? Ids { get; init; }

    public CandidateChunk Read(RowBlock block)
    {
        chunk.Clear();
        var rest = block.Span;
        var line = block.FirstLine;
        while (!rest.IsEmpty)
        {
            var end = RowBlocks.EndOfRow(rest, columns is not null);
            var row = end < 0 ? rest : rest[..end];
            rest = end < 0 ? [] : rest[(end + 1)..];
            var at = line;
            line += 1 + row.Count((byte)'\n');
            if (row is [.., (byte)'\r'])
                row = row[..^1];

            if (!row.IsEmpty && (row.Length > MaxRow ? Codes.RowLong : columns is null ? Json(row, at) : Csv(row, columns, at)) is { } code)
                chunk.Refuse(at, code);
        }

        batch.Take(chunk.Salts, chunk.Handles);
        return chunk;
    }

    private string? Csv(ReadOnlySpan<byte> row, Columns names, long line)
    {
        Span<int> ends = stackalloc int[Columns.Most];
        var text = row;
        var fields = 0;
        if (row.Contains((byte)'"'))
        {
            fields = Unquote(row, ends);
            if (fields < 0)
                return Codes.Quotes;

            text = scratch;
        }
        else
        {
            // A field ends where its comma is; the next begins behind it.
            for (var at = 0; at <= row.Length && fields < ends.Length; fields++)
            {
                var comma = row[at..].IndexOf((byte)',');
                ends[fields] = comma < 0 ? row.Length : at + comma;
                at = ends[fields] + 1;
            }

            if (fields == names.Count && ends[fields - 1] != row.Length)
                return Codes.Fields;
        }

        if (fields != names.Count)
            return Codes.Fields;

        var weight = 1;
        if (names.Weight >= 0 && !TryWeight(Field(text, ends, names.Weight), out weight))
            return Codes.Weight;

        return Accept(Field(text, ends, names.Id), Field(text, ends, names.Name), Field(text, ends, names.Group), weight, line);
    }

    private static ReadOnlySpan<byte> Field(ReadOnlySpan<byte> text, ReadOnlySpan<int> ends, int column)
        => column < 0 ? [] : text[(column == 0 ? 0 : ends[column - 1] + 1)..ends[column]];

    /// <summary>Takes the quotes away; fields then stand in <see cref="scratch"/>, with a byte between them.</summary>
    /// <returns>How many, one more than there can be if there are too many; −1 when the quotes are wrong.</returns>
    private int Unquote(ReadOnlySpan<byte> row, Span<int> ends)
    {
        var (length, fields) = (0, 0);
        for (var at = 0; ; at++)
        {
            var quoted = at < row.Length && row[at] == '"';
            if (quoted)
            {
                for (at++; ; at++)
                {
                    if (at >= row.Length)
                        return -1;

                    if (row[at] == '"' && (++at >= row.Length || row[at] != '"'))
                        break;

                    scratch[length++] = row[at];
                }
            }

            var rest = at < row.Length ? row[at..] : [];
            var comma = rest.IndexOf((byte)',');
            var plain = comma < 0 ? rest : rest[..comma];
            if (plain.Contains((byte)'"') || (quoted && !plain.IsEmpty))
                return -1;

            plain.CopyTo(scratch.AsSpan(length));
            length += plain.Length;
            if (fields == ends.Length)
                return fields + 1;

            ends[fields++] = length;
            if (comma < 0)
                return fields;

            at += comma;
            length++;
        }
    }

    private string? Json(ReadOnlySpan<byte> row, long line)
    {
        Span<int> ends = stackalloc int[] { 0, 0, 0 };
        Span<int> starts = stackalloc int[] { 0, 0, 0 };
        var (seen, weight, length) = (0, 1, 0);
        try
        {
            var json = new Utf8JsonReader(row);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
                return Codes.Json;

            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var member = json.ValueTextEquals("id"u8) ? 0 : json.ValueTextEquals("name"u8) ? 1 : json.ValueTextEquals("group"u8) ? 2
                    : json.ValueTextEquals("weight"u8) ? 3 : -1;
                if (member < 0 || (seen & (1 << member)) != 0 || !json.Read() || json.TokenType != (member == 3 ? JsonTokenType.Number : JsonTokenType.String))
                    return Codes.Fields;

                seen |= 1 << member;
                if (member < 3)
                {
                    starts[member] = length;
                    length += json.CopyString(scratch.AsSpan(length));
                    ends[member] = length;
                }
                else if (!json.TryGetDouble(out var number) || number != Math.Floor(number) || number is < 1 or > DrawRules.MaxWeight)
                {
                    return Codes.Weight;
                }
                else
                {
                    weight = (int)number;
                }
            }

            // Whatever stands behind the object throws.
            if (json.TokenType != JsonTokenType.EndObject || json.Read())
                return Codes.Json;
        }
        catch (JsonException)
        {
            return Codes.Json;
        }
        catch (InvalidOperationException)
        {
            return Codes.Encoding;
        }

        if ((seen & 1) == 0)
            return Codes.Fields;

        return Accept(scratch.AsSpan(starts[0]..ends[0]), scratch.AsSpan(starts[1]..ends[1]), scratch.AsSpan(starts[2]..ends[2]), weight, line);
    }

    private string? Accept(ReadOnlySpan<byte> rawId, ReadOnlySpan<byte> rawName, ReadOnlySpan<byte> rawGroup, int weight, long line)
    {
        if (CandidateText.Normalise(CandidateField.Id, rawId, id, out var idLength) is { } wrongId)
            return wrongId;

        if (CandidateText.Normalise(CandidateField.Name, rawName, name, out var nameLength) is { } wrongName)
            return wrongName;

        if (CandidateText.Normalise(CandidateField.Group, rawGroup, group, out var groupLength) is { } wrongGroup)
            return wrongGroup;

        var found = groups is null ? 0 : Groups.IndexOf(groups, group.AsSpan(0, groupLength));
        if (found < 0)
            return Codes.GroupUnknown;

        Ids?.Add(Encoding.UTF8.GetString(id.AsSpan(0, idLength)));
        chunk.Lines.Add((int)Math.Min(line, int.MaxValue));
        chunk.Weights.Add((byte)weight);
        chunk.Groups.Add((ushort)found);
        chunk.Masked.Add(CandidateText.Mask(name.AsSpan(0, nameLength)));
        if (batch.Add(id.AsSpan(0, idLength), name.AsSpan(0, nameLength)))
            batch.Take(chunk.Salts, chunk.Handles);

        return null;
    }

    internal static bool TryWeight(ReadOnlySpan<byte> text, out int weight)
        => System.Buffers.Text.Utf8Parser.TryParse(text, out weight, out var read) && read == text.Length && text[0] is >= (byte)'1' and <= (byte)'9'
            && weight <= DrawRules.MaxWeight;
}
