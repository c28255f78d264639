using System.Buffers.Binary;
using System.Diagnostics;

namespace Notary.Verification.Tests;

/// <summary>A forgery of the forge in JavaScript, with that verifier's verdicts.</summary>
/// <param name="Kind">What was forged.</param>
/// <param name="Bundle">The bundle.</param>
/// <param name="Trust">The reader's own trust file; null for none.</param>
/// <param name="Now">What the verifier's clock shows.</param>
/// <param name="Outcome"><c>verified</c>, <c>failed</c>, <c>unjudged</c>, or <c>trust</c> when the reader's trust file cannot be read.</param>
/// <param name="Rungs">By rung: all that did not pass, as <c>mark code</c>.</param>
internal sealed record Forgery(string Kind, byte[] Bundle, byte[]? Trust, DateTimeOffset Now, string Outcome, SortedDictionary<string, string> Rungs)
{
    /// <summary>For reading: every verdict that did not pass.</summary>
    public string Detail { get; init; } = "";

    /// <summary>The reader's own revocation lists.</summary>
    public IReadOnlyList<byte[]> Lists { get; init; } = [];

    /// <summary>In what the two need not agree: <c>nothing</c>; <c>codes</c>, but rung by rung whether it passed; <c>rungs</c>, but in the outcome.</summary>
    /// <remarks>For bytes damaged at random: how much of the rest one still reads is everybody's own affair (docs/evidence-format.md, Verdicts).</remarks>
    public string Loose { get; init; } = "nothing";

    /// <summary>Whether another verifier's verdicts are this one's, as far as two verifiers must agree.</summary>
    public bool IsJudgedAlike(string outcome, SortedDictionary<string, string> rungs)
        => outcome == Outcome && (Loose == "rungs" || Comparable(rungs).SequenceEqual(Comparable(Rungs)));

    /// <summary>What both must say. A member that no bundle has stands nowhere, so whether the order is wrong besides is not asked.</summary>
    private IEnumerable<(string Rung, string Verdicts)> Comparable(SortedDictionary<string, string> rungs)
        => rungs.Select(r => (r.Key, Loose == "codes"
            ? r.Value.Contains("fail", StringComparison.Ordinal) ? "fail" : r.Value.Contains("unknown", StringComparison.Ordinal) ? "unknown" : ""
            : r.Value.Contains("member-unknown", StringComparison.Ordinal)
                ? r.Value.Replace("fail container-changed, ", "", StringComparison.Ordinal) : r.Value));
}

/// <summary>Runs <c>forge/forge.mjs</c>, which asks for a letter's pages when it needs them and hands out one forgery after the other.</summary>
/// <remarks>
/// Frames on its standard output: length, JSON, and the blobs whose sizes the JSON gives. A frame that asks for pages gets length and PDF back.
/// </remarks>
internal static class NodeForge
{
    public static string Folder { get; } = Path.Combine(Repository.Root, "tests", "Core", "Verification", "forge");

    public static async IAsyncEnumerable<Forgery> RunAsync(string[] arguments)
    {
        var start = new ProcessStartInfo("node", [Path.Combine(Folder, "forge.mjs"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var node = Process.Start(start)!;
        var errors = node.StandardError.ReadToEndAsync();
        var (input, output) = (node.StandardInput.BaseStream, node.StandardOutput.BaseStream);
        try
        {
            while (await ReadAsync(output) is { } header)
            {
                using var json = JsonDocument.Parse(header);
                var blobs = new List<byte[]>();
                foreach (var size in json.RootElement.GetProperty("sizes").EnumerateArray())
                {
                    var blob = new byte[size.GetInt32()];
                    await output.ReadExactlyAsync(blob);
                    blobs.Add(blob);
                }

                if (json.RootElement.GetProperty("type").GetString() == "render")
                    await AnswerAsync(input, Pages(blobs[0]));
                else
                    yield return Read(json.RootElement, blobs);
            }

            await node.WaitForExitAsync();
            Assert.AreEqual(0, node.ExitCode, await errors);
        }
        finally
        {
            if (!node.HasExited)
                node.Kill();
        }
    }

    /// <summary>What a script of the forge prints, line by line.</summary>
    public static IReadOnlyList<string> Lines(string script, params string[] arguments)
    {
        using var node = Process.Start(new ProcessStartInfo("node", [Path.Combine(Folder, script), .. arguments]) { RedirectStandardOutput = true })!;
        var lines = node.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        node.WaitForExit();
        Assert.AreEqual(0, node.ExitCode, script);
        return lines;
    }

    private static Forgery Read(JsonElement json, List<byte[]> blobs)
    {
        var rungs = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var rung in json.GetProperty("rungs").EnumerateObject())
            rungs[rung.Name] = rung.Value.GetString()!;

        var lists = json.GetProperty("lists").GetInt32();
        return new Forgery(
            json.GetProperty("kind").GetString()!, blobs[0], blobs.Count - lists > 1 ? blobs[1] : null,
            DateTimeOffset.FromUnixTimeMilliseconds(json.GetProperty("now").GetInt64()),
            json.GetProperty("outcome").GetString()!, rungs)
        { Lists = blobs[^lists..], Detail = json.GetProperty("detail").GetString()!, Loose = json.GetProperty("loose").GetString()! };
    }

    private static async Task<byte[]?> ReadAsync(Stream from)
    {
        var length = new byte[4];
        if (await from.ReadAtLeastAsync(length, 4, throwOnEndOfStream: false) < 4)
            return null;

        var bytes = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
        await from.ReadExactlyAsync(bytes);
        return bytes;
    }

    private static async Task AnswerAsync(Stream to, byte[] bytes)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
        await to.WriteAsync(length);
        await to.WriteAsync(bytes);
        await to.FlushAsync();
    }

    /// <summary>The pages of a letter over these facts, without a signature; empty when they are no facts.</summary>
    private static byte[] Pages(byte[] facts)
    {
        try
        {
            return Notary.Letters.LetterRenderer.Render(LetterFacts.Parse(facts));
        }
        catch (FaultException)
        {
            return [];
        }
    }
}
