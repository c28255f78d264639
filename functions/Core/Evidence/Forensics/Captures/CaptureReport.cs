using System.Text.Json.Nodes;
using Notary.Evidence.Draws;
using static Notary.Evidence.Forensics.ForensicsJson;

namespace Notary.Evidence.Forensics.Captures;

/// <summary>How the second fetch ended.</summary>
public enum SecondOutcome
{
    /// <summary>There is a document to compare with.</summary>
    Fetched,

    /// <summary>It was tried.</summary>
    Failed,

    /// <summary>It was not: what cannot be asked again without doing something.</summary>
    Unasked,
}

/// <summary>The same address asked for outside the desktop.</summary>
/// <param name="Address">Where the document came from in the end.</param>
/// <param name="Status">Its code, 0 without one.</param>
/// <param name="Detail">Why not; else by which way.</param>
public sealed record SecondFetched(SecondOutcome Outcome, string Address, int Status, string Detail);

/// <summary>The connection to the page's origin as the browser saw it.</summary>
/// <param name="Certificate">SHA-256 of the site's own certificate, DER.</param>
public sealed record CaptureTls(string Protocol, string Cipher, string Issuer, Digest Certificate);

/// <summary>A response that the page had and the archive has not.</summary>
public sealed record MissingResponse(string Address, string Why);

/// <summary>Pixels of a page's picture.</summary>
/// <param name="Width">In CSS pixels, as all here.</param>
/// <param name="Height">Of what is in the picture.</param>
/// <param name="Whole">Of the page: more, where the picture was cut.</param>
/// <param name="Window">What the user saw of it at once.</param>
public sealed record CaptureSize(int Width, int Height, long Whole, int Window);

/// <summary><c>capture.json</c> (docs/forensics-format.md §10): what was captured, and how its views agree.</summary>
public sealed record CaptureReport(
    long Number, DateTimeOffset At, string Address, string Title, CaptureSize Size, IReadOnlyList<NamedPart> Files, CaptureTls? Tls,
    string? Main, int Responses, IReadOnlyList<MissingResponse> Missing, IReadOnlyList<string> Frames, SecondFetched Second, Reconciliation Reconciliation)
{
    /// <summary>Files of a capture besides the report.</summary>
    private const int MaxFiles = 16;

    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>.</exception>
    public static CaptureReport Parse(ReadOnlySpan<byte> bytes)
        => DrawJson.Read(bytes, CaptureFormat.Report, CaptureFormat.MaxReport, Read, r => r.ToBytes());

    /// <summary>The canonical bytes.</summary>
    public byte[] ToBytes() => Jcs.Canonicalize(new JsonObject
    {
        ["format"] = CaptureFormat.Format,
        ["number"] = Number,
        ["at"] = Time(At),
        ["address"] = Address,
        ["title"] = Title,
        ["size"] = new JsonObject { ["width"] = Size.Width, ["height"] = Size.Height, ["whole"] = Size.Whole, ["window"] = Size.Window },
        ["files"] = DrawJson.Array(Files.Select(f => (JsonNode?)new JsonObject
        {
            ["name"] = f.Name,
            ["size"] = f.Part.Size,
            ["digest"] = f.Part.Digest.ToString(),
        })),
        ["tls"] = Tls is null ? null : new JsonObject
        {
            ["protocol"] = Tls.Protocol,
            ["cipher"] = Tls.Cipher,
            ["issuer"] = Tls.Issuer,
            ["certificate"] = Tls.Certificate.ToString(),
        },
        ["wire"] = new JsonObject
        {
            ["main"] = Main,
            ["responses"] = Responses,
            ["missing"] = DrawJson.Array(Missing.Select(m => (JsonNode?)new JsonObject { ["address"] = m.Address, ["why"] = m.Why })),
        },
        ["frames"] = DrawJson.Array(Frames),
        ["second"] = new JsonObject
        {
            ["outcome"] = ForensicsJson.Word(Second.Outcome),
            ["address"] = Second.Address,
            ["status"] = Second.Status,
            ["detail"] = Second.Detail,
        },
        ["reconciliation"] = Json(Reconciliation),
    });

    private static JsonObject Json(Reconciliation r) => new()
    {
        ["texts"] = r.Texts,
        ["served"] = r.Served,
        ["scripted"] = r.Scripted,
        ["differences"] = DrawJson.Array(r.Differences.Select(d => (JsonNode?)new JsonObject { ["kind"] = ForensicsJson.Word(d.Kind), ["text"] = d.Text })),
        ["more"] = r.More,
        ["verdict"] = ForensicsJson.Word(r.Verdict),
    };

    private static CaptureReport Read(JsonElement json)
    {
        if (DrawJson.Text(json, "format") != CaptureFormat.Format)
            throw new FormatException("format");

        var (size, wire, second, tls) = (json.GetProperty("size"), json.GetProperty("wire"), json.GetProperty("second"), json.GetProperty("tls"));
        return new CaptureReport(
            ForensicsJson.Number(json, "number", CaptureFormat.MaxCaptures), Time(json, "at"), Text(json, "address", MaxAddress), Bounded(json, "title"),
            new CaptureSize(Int(size, "width"), Int(size, "height"), ForensicsJson.Number(size, "whole"), Int(size, "window")),
            List(json, "files", MaxFiles, f => Text(f, "name", MaxName) is var name && IsName(name)
                ? new NamedPart(name, new Part(ForensicsJson.Number(f, "size"), DrawJson.Hash(f, "digest"))) : throw new FormatException("name")),
            tls.ValueKind == JsonValueKind.Null ? null
                : new CaptureTls(Bounded(tls, "protocol"), Bounded(tls, "cipher"), Bounded(tls, "issuer"), DrawJson.Hash(tls, "certificate")),
            wire.GetProperty("main").ValueKind == JsonValueKind.Null ? null : Text(wire, "main", MaxAddress),
            Int(wire, "responses"),
            List(wire, "missing", CaptureFormat.MaxListed, m => new MissingResponse(Text(m, "address", MaxAddress), Bounded(m, "why"))),
            List(json, "frames", CaptureFormat.MaxListed, f => f.GetString() is { Length: <= MaxAddress } frame ? frame : throw new FormatException("frames")),
            new SecondFetched(
                Choice<SecondOutcome>(second, "outcome"), Bounded(second, "address", MaxAddress), Int(second, "status"), Bounded(second, "detail")),
            Reconciled(json.GetProperty("reconciliation")));
    }

    private static Reconciliation Reconciled(JsonElement json) => new(
        Int(json, "texts"), Int(json, "served"), Int(json, "scripted"),
        List(json, "differences", CaptureFormat.MaxListed, d => new Difference(Choice<DifferenceKind>(d, "kind"), Bounded(d, "text"))),
        Int(json, "more"), Choice<CaptureVerdict>(json, "verdict"));

    private static int Int(JsonElement json, string member) => (int)ForensicsJson.Number(json, member, int.MaxValue);

    private static string Bounded(JsonElement json, string member, int most = ForensicsJson.MaxText)
        => DrawJson.Text(json, member) is var text && text.Length <= most ? text : throw new FormatException(member);
}
