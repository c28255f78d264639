using Notary.Evidence.Forensics;
using Notary.Forensics.Agents;

namespace Notary.Host.Api;

/// <summary>Bytes of the chain that are kept.</summary>
public sealed record ChainEnd(long End);

/// <summary>What an agent is told, in order.</summary>
public sealed record AgentCommands(IReadOnlyList<AgentCommand> Commands);

/// <summary>The recorder of a desktop that is elsewhere: it asks what it is to do and puts what it has sealed. Everything may be sent again.</summary>
internal static class AgentRoutes
{
    private const string Lines = "application/x-ndjson", Bytes = "application/octet-stream";

    private static readonly Parameter Announced = new(ContentDigest.Header, "header", "sha-256=:BASE64: of the file (RFC 9530)", Required: true);

    private static readonly Parameter Offset = new("offset", "query", "the byte of the chain that the lines begin at", Required: true);

    private static readonly Parameter After = new("after", "query", "the number of the last command that is known, default 0");

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/forensics/agents/{session}").WithTags("Agents");
        group.MapGet("", OrderAsync).WithName("getAgentOrder").ForAgent().Gives<AgentOrder>(200);
        group.MapPut("/files/{*name}", PutAsync).WithName("putAgentFile").ForAgent().Unhurried()
            .TakesFile("the file's bytes, as docs/forensics-format.md names and bounds it").Takes(Announced).Gives(204)
            .Refuses(Fault.Conflict, Fault.TooLarge, Fault.DigestMismatch);
        group.MapPost("/chain", AppendAsync).WithName("appendAgentChain").ForAgent().Takes(Offset)
            .WithMetadata(new Body(null, Lines, $"whole lines of the chain, at most {RemoteAgents.MaxLines} bytes")).Gives<ChainEnd>(200)
            .Refuses(Fault.UnsupportedMediaType, Fault.TooLarge, Fault.Conflict);
        group.MapGet("/uploads/{file}", UploadAsync).WithName("getAgentUpload").ForAgent().Unhurried().Gives<byte[]>(200, Bytes).Refuses(Fault.NotFound);
        group.MapPost("/uploads/{file}", AnswerAsync).WithName("answerAgentUpload").ForAgent().TakesJson<UploadAnswer>().Gives(204).Refuses(Fault.NotFound);
        group.MapGet("/commands", CommandsAsync).WithName("listAgentCommands").ForAgent().Unhurried().Takes(After).Gives<AgentCommands>(200);
    }

    private static async Task<RemoteAgents> OpenAsync(Rooms rooms, CancellationToken cancel) => (await rooms.OpenAsync(cancel)).Sessions!.Agents;

    private static async Task<Ok<AgentOrder>> OrderAsync(string session, Rooms rooms, CancellationToken cancel)
        => TypedResults.Ok(await (await OpenAsync(rooms, cancel)).OrderAsync(DepositId.Parse(session), cancel));

    private static async Task<NoContent> PutAsync(string session, string name, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        MediaTypes.RefuseForms(http.Request);
        var bound = RemoteAgents.BoundOf(name);
        if (ContentDigest.Of(http.Request).Sha256 is not { } announced)
            throw new FaultException(Fault.Malformed, $"{ContentDigest.Header} says sha-256=:BASE64: of the file");

        if (http.Request.ContentLength is not { } length)
            throw new FaultException(Fault.Malformed, "Content-Length says how long the file is");

        if (length > bound)
            throw new FaultException(Fault.TooLarge, $"a file of that name has at most {bound} bytes");

        await (await OpenAsync(rooms, cancel)).PutAsync(DepositId.Parse(session), name, http.Request.Body, announced, cancel);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<ChainEnd>> AppendAsync(string session, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        if (http.Request.ContentType != Lines)
            throw new FaultException(Fault.UnsupportedMediaType, $"lines of a chain are {Lines}");

        var query = new QueryReader(http, "offset");
        var offset = query.Find("offset") is null ? throw new FaultException(Fault.Malformed, "offset says where the lines begin")
            : query.Number("offset", absent: 0, min: 0, max: ForensicsFormat.MaxChain);
        var lines = await StrictJson.ReadBytesAsync(http.Request, RemoteAgents.MaxLines, cancel);
        return TypedResults.Ok(new ChainEnd(await (await OpenAsync(rooms, cancel)).AppendAsync(DepositId.Parse(session), offset, lines, cancel)));
    }

    private static async Task<FileStreamHttpResult> UploadAsync(string session, string file, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Stream(await (await OpenAsync(rooms, cancel)).OpenUploadAsync(DepositId.Parse(session), file, cancel), Bytes);
    }

    private static async Task<NoContent> AnswerAsync(string session, string file, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var (answer, _) = await StrictJson.ReadAsync<UploadAnswer>(http.Request, cancel);
        await (await OpenAsync(rooms, cancel)).AnswerUploadAsync(DepositId.Parse(session), file, answer, cancel);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<AgentCommands>> CommandsAsync(string session, HttpContext http, Rooms rooms, CancellationToken cancel)
    {
        var after = new QueryReader(http, "after").Number("after", absent: 0, min: 0, max: 999_999);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new AgentCommands(await (await OpenAsync(rooms, cancel)).CommandsAsync(DepositId.Parse(session), after, cancel)));
    }
}
