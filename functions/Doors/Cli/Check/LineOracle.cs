using System.IO.Pipelines;

namespace Notary.Cli;

/// <summary>Reads JSON lines, answers each with a line. Nothing a line holds can end the run.</summary>
internal static class LineOracle
{
    /// <summary>Bytes of a line: a letter of 16 MiB in base64 and its certificates; more is only an attack on memory.</summary>
    internal const int MaxLine = 32 * 1024 * 1024;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    public static async Task<int> RunAsync(Terminal terminal, Func<Fields, Answer> judge, CancellationToken cancel)
    {
        var reader = PipeReader.Create(terminal.Input, new StreamPipeReaderOptions(bufferSize: 64 * 1024, leaveOpen: true));
        for (long number = 1; ; number++)
        {
            var (line, ended) = await LineAsync(reader, cancel);
            if (line is { Length: 0 } && ended)
                return Exit.Passed;

            await terminal.Output.WriteLineAsync(Judge(number, line, judge));
            await terminal.Output.FlushAsync(cancel);
            if (ended)
                return Exit.Passed;
        }
    }

    /// <summary>The next line without its end; null when it is longer than <see cref="MaxLine"/>, of which the rest is skipped.</summary>
    private static async Task<(byte[]? Line, bool Ended)> LineAsync(PipeReader reader, CancellationToken cancel)
    {
        var tooLong = false;
        while (true)
        {
            // The console's own stream cannot be interrupted while it waits for a line.
            var read = await reader.ReadAsync(cancel).AsTask().WaitAsync(cancel);
            if (read.Buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = tooLong || read.Buffer.Slice(0, end).Length > MaxLine ? null : read.Buffer.Slice(0, end).ToArray();
                reader.AdvanceTo(read.Buffer.GetPosition(1, end));
                return (line, false);
            }

            if (read.IsCompleted)
            {
                var line = tooLong ? null : read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return (line, true);
            }

            tooLong |= read.Buffer.Length > MaxLine;
            reader.AdvanceTo(tooLong ? read.Buffer.End : read.Buffer.Start, read.Buffer.End);
        }
    }

    private static string Judge(long number, byte[]? line, Func<Fields, Answer> judge)
    {
        JsonNode? id = null;
        Answer answer;
        try
        {
            if (line is null)
                throw new MalformedLineException($"the line is longer than {MaxLine} bytes");

            using var document = JsonDocument.Parse(line, Strict);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new MalformedLineException("the line is not a JSON object");

            id = document.RootElement.TryGetProperty("id", out var given) ? JsonNode.Parse(given.GetRawText()) : null;
            var fields = new Fields(document.RootElement);
            answer = judge(fields);
            fields.RefuseOthers();
        }
        catch (MalformedLineException e)
        {
            answer = Answer.Fail("malformed-line", e.Message);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            answer = Answer.Fail("malformed-line", "the line is not JSON in UTF-8 without repeated members");
        }

        var result = new JsonObject
        {
            ["line"] = number,
            ["id"] = id,
            ["verdict"] = answer.Passed ? "pass" : "fail",
            ["code"] = answer.Code,
            ["reason"] = answer.Reason
        };
        foreach (var (name, value) in answer.Facts)
            result[name] = value;

        return result.ToJsonString();
    }
}
