using System.Buffers.Text;
using System.Text.Json.Nodes;
using Notary.Evidence.Draws;
using static Notary.Evidence.Forensics.ForensicsJson;

namespace Notary.Evidence.Forensics;

/// <summary>Links as JSON. Reading is strict because <see cref="DrawJson.Read"/> writes again and compares.</summary>
internal static class LinkJson
{
    /// <summary>Tools that a recorder names; files of a captured page.</summary>
    private const int MaxTools = 32, MaxFiles = 100;

    /// <summary>Bytes of a P-256 key in its only encoding.</summary>
    private const int KeyBytes = DrawApproval.KeyBytes;

    public static string Kind(LinkBody body) => Split(body).Kind;

    public static byte[] Write(Link link)
    {
        var (kind, json) = Split(link.Body);
        json["kind"] = kind;
        json["n"] = link.N;
        json["previous"] = link.Previous.ToString();
        json["at"] = Time(link.Written.At);
        json["elapsed"] = link.Written.Elapsed;
        return Jcs.Canonicalize(json);
    }

    public static Link Read(JsonElement json) => new(
        Number(json, "n", ForensicsFormat.MaxLinks - 1), DrawJson.Hash(json, "previous"), new Arrival(Time(json, "at"), Number(json, "elapsed")),
        Body(json, DrawJson.Text(json, "kind")));

    private static (string Kind, JsonObject Json) Split(LinkBody body) => body switch
    {
        LinkBody.Open o => ("open", new JsonObject
        {
            ["format"] = ForensicsFormat.Format,
            ["session"] = o.Session.ToString(),
            ["key"] = Base64Url.EncodeToString(o.Key),
            ["screen"] = new JsonObject
            {
                ["width"] = o.Screen.Width,
                ["height"] = o.Screen.Height,
                ["framesPerSecond"] = o.Screen.FramesPerSecond,
            },
            ["encoder"] = o.Encoder,
            ["tools"] = new JsonObject(o.Tools.Select(t => KeyValuePair.Create(t.Key, (JsonNode?)t.Value))),
        }),
        LinkBody.Cleanliness c => ("cleanliness", Json(c.Report).With("verdict", CleanlinessReport.Word(c.Clean))),
        LinkBody.Input i => ("input", new JsonObject { ["connected"] = i.Connected }),
        LinkBody.Segment s => ("segment", Json(s)),
        LinkBody.Gap g => ("gap", new JsonObject { ["reason"] = Word(g.Reason), ["from"] = g.From, ["to"] = g.To, ["length"] = g.Length }),
        LinkBody.Mark { Picture: { } picture } m => ("mark", new JsonObject { ["note"] = m.Note, ["picture"] = Json(picture, "name") }),
        LinkBody.Mark m => ("mark", new JsonObject { ["note"] = m.Note }),
        LinkBody.File f => ("file", Json(f.Content, "path").With("name", f.Name).With("origin", Word(f.Origin)).With("address", f.Address)),
        LinkBody.Capture c => ("capture", new JsonObject
        {
            ["number"] = c.Number,
            ["address"] = c.Address,
            ["files"] = DrawJson.Array(c.Files.Select(f => (JsonNode?)Json(f, "path"))),
        }),
        LinkBody.Close c => ("close", new JsonObject
        {
            ["reason"] = Word(c.Reason),
            ["segments"] = c.Segments,
            ["frames"] = c.Frames,
            ["gaps"] = c.Gaps,
        }),
        _ => throw new InvalidOperationException($"no link is a {body.GetType().Name}"),
    };

    private static LinkBody Body(JsonElement json, string kind) => kind switch
    {
        "open" when DrawJson.Text(json, "format") == ForensicsFormat.Format => new LinkBody.Open(
            Session(json), Key(json), Screen(json.GetProperty("screen")), Text(json, "encoder", MaxText), Tools(json.GetProperty("tools"))),
        "cleanliness" => new LinkBody.Cleanliness(Part(json, ForensicsFormat.MaxCleanliness), CleanlinessReport.IsClean(json)),
        "input" => new LinkBody.Input(json.GetProperty("connected").GetBoolean()),
        "segment" => Segment(json),
        "gap" => new LinkBody.Gap(Choice<GapReason>(json, "reason"), Number(json, "from"), Number(json, "to"), Signed(json, "length")),
        "mark" => new LinkBody.Mark(Text(json, "note", MaxText), json.TryGetProperty("picture", out var p) ? Picture(p) : null),
        "file" => new LinkBody.File(
            Text(json, "name", MaxName), new NamedPart(Path(json, "path", "files"), Part(json)), Choice<FileOrigin>(json, "origin"),
            Optional(json, "address", MaxAddress)),
        "capture" => new LinkBody.Capture(Number(json, "number"), Text(json, "address", MaxAddress),
            List(json, "files", MaxFiles, f => new NamedPart(Path(f, "path", "captures"), Part(f)))),
        "close" => new LinkBody.Close(Choice<CloseReason>(json, "reason"), Number(json, "segments"), Number(json, "frames"), Number(json, "gaps")),
        _ => throw new FormatException("kind"),
    };

    private static JsonObject Json(LinkBody.Segment s)
    {
        var frames = Json(s.Frames);
        frames["first"] = s.First;
        frames["last"] = s.Last;
        return new JsonObject
        {
            ["segment"] = s.Number,
            ["video"] = Json(s.Video),
            ["frames"] = frames,
            ["events"] = Json(s.Events),
            ["firstAt"] = Time(s.FirstArrival.At),
            ["lastAt"] = Time(s.LastArrival.At),
            ["firstElapsed"] = s.FirstArrival.Elapsed,
            ["lastElapsed"] = s.LastArrival.Elapsed,
        };
    }

    private static LinkBody.Segment Segment(JsonElement json)
    {
        var (frames, events) = (json.GetProperty("frames"), json.GetProperty("events"));
        return new LinkBody.Segment(
            Number(json, "segment", ForensicsFormat.MaxLinks),
            Part(json.GetProperty("video"), ForensicsFormat.MaxVideo),
            new Lines(Number(frames, "count", ForensicsFormat.MaxFrames), Part(frames, ForensicsFormat.MaxFrameList)),
            Number(frames, "first"), Number(frames, "last"),
            new Lines(Number(events, "count"), Part(events, ForensicsFormat.MaxEvents)),
            new Arrival(Time(json, "firstAt"), Number(json, "firstElapsed")),
            new Arrival(Time(json, "lastAt"), Number(json, "lastElapsed")));
    }

    private static JsonObject Json(Part part) => new() { ["size"] = part.Size, ["digest"] = part.Digest.ToString() };

    private static JsonObject Json(Lines lines)
    {
        var json = Json(lines.Part);
        json["count"] = lines.Count;
        return json;
    }

    private static JsonObject Json(NamedPart named, string member) => Json(named.Part).With(member, named.Name);

    private static Part Part(JsonElement json, long most = DrawJson.MaxNumber) => new(Number(json, "size", most), DrawJson.Hash(json, "digest"));

    private static NamedPart Picture(JsonElement json)
        => Text(json, "name", MaxName) is var name && IsName(name) ? new NamedPart(name, Part(json)) : throw new FormatException("name");

    private static byte[] Key(JsonElement json)
        => Bytes(json, "key", KeyBytes) is var key && key.AsSpan().StartsWith(DrawApproval.KeyHead) ? key : throw new FormatException("key");

    private static Screen Screen(JsonElement json) => new(
        (int)Number(json, "width", 16384), (int)Number(json, "height", 16384),
        Number(json, "framesPerSecond", ForensicsFormat.MaxRate) is > 0 and var rate ? (int)rate : throw new FormatException("framesPerSecond"));

    private static Dictionary<string, string> Tools(JsonElement json)
    {
        var tools = json.EnumerateObject().ToDictionary(t => t.Name, t => Text(json, t.Name, MaxName), StringComparer.Ordinal);
        return tools.Count <= MaxTools && tools.Keys.All(k => k.Length is > 0 and <= MaxName) ? tools : throw new FormatException("tools");
    }
}
