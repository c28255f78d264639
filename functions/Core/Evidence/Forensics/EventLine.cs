using System.Text.Json.Nodes;
using Notary.Evidence.Draws;
using static Notary.Evidence.Forensics.ForensicsJson;

namespace Notary.Evidence.Forensics;

/// <summary>A line of a segment's events: what happened on the desktop. Of most types only moment and type are judged.</summary>
/// <param name="Moment">When.</param>
/// <param name="Type">Unknown ones are kept.</param>
public sealed record EventLine(Arrival Moment, string Type)
{
    /// <summary>Members of a key that was pressed or let go: at, elapsed, type, down; never which, since passwords are typed.</summary>
    private const int KeyMembers = 4;

    /// <summary>The line with its LF.</summary>
    /// <param name="moment">When.</param>
    /// <param name="type">Of the event.</param>
    /// <param name="members">Of that type.</param>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>: no reader would take it.</exception>
    public static byte[] Write(Arrival moment, string type, JsonObject members)
    {
        members["at"] = Time(moment.At);
        members["elapsed"] = moment.Elapsed;
        members["type"] = type;
        var line = Jcs.Canonicalize(members);
        Parse(line);
        return [.. line, (byte)'\n'];
    }

    /// <param name="line">Without its LF.</param>
    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>: not canonical, without a moment or type, too long, or a key that says which.</exception>
    public static EventLine Parse(ReadOnlySpan<byte> line)
    {
        if (line.Length > ForensicsFormat.MaxEvent)
            throw DrawJson.Bad("the event", $"is longer than {ForensicsFormat.MaxEvent} bytes");

        using var json = Jcs.ParseCanonical(line);
        try
        {
            var root = json.RootElement;
            var read = new EventLine(new Arrival(Time(root, "at"), Number(root, "elapsed")), Text(root, "type", MaxName));
            return read.Type != "key" || (IsSilent(root))
                ? read : throw DrawJson.Bad("the event", "says more of a key than that it was pressed or let go");
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new FaultException(Fault.Malformed, "the event lacks its moment or type", e);
        }
    }

    private static bool IsSilent(JsonElement key)
        => key.GetPropertyCount() == KeyMembers && key.GetProperty("down").ValueKind is JsonValueKind.True or JsonValueKind.False;
}
