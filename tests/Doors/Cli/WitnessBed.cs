using Notary.Servers;

namespace Notary.Cli.Tests;

/// <summary>A log that signs whatever it is asked to, a witness's folder, and the witness as a process of its own.</summary>
internal sealed class WitnessBed : IAsyncDisposable
{
    public const string Origin = "log.example/witnessed";
    public const string Name = "witness.example/w1";

    private static readonly HttpClient Http = new();

    private readonly ECDsa logKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly string folder = Directory.CreateTempSubdirectory("notary-witness-").FullName;
    private ChildProcess? process;

    public string KeyFile => Path.Combine(folder, "key");
    public string State => Path.Combine(folder, "state");
    public string LogFile => Directory.GetFiles(State).Single();
    public Uri? Url { get; private set; }
    public VerifierKey Witness { get; private set; } = null!;
    public VerifierKey Log => new(Origin, VerifierKey.Ecdsa, logKey.ExportSubjectPublicKeyInfo());

    /// <summary>Makes the witness's key and has it watch the log.</summary>
    public static async Task<WitnessBed> BeginAsync()
    {
        var bed = new WitnessBed();
        var made = await Run.AsyncOf("witness", "keygen", Name, "--key-file", bed.KeyFile);
        Assert.AreEqual(0, made.Exit, made.Error);
        bed.Witness = VerifierKey.Parse(made.Output.TrimEnd());
        var watched = await Run.AsyncOf("witness", "watch", bed.Log.ToString(), "--state", bed.State);
        Assert.AreEqual(0, watched.Exit, watched.Error);
        return bed;
    }

    /// <summary>Leaves of one history of the log.</summary>
    public static Digest[] Leaves(string history, int count)
        => [.. Enumerable.Range(0, count).Select(i => Merkle.LeafHash(Encoding.UTF8.GetBytes($"{history} {i}")))];

    /// <summary>The signed checkpoint of a history's first leaves.</summary>
    public string Note(Digest[] leaves, int size, string extensions = "")
    {
        var body = new Checkpoint(Origin, size, Merkle.Root(leaves.AsSpan(0, size))) { Extensions = extensions }.ToBody();
        return SignedNote.Format(body, Origin, Log.Id, SignedNote.FromP1363(logKey.SignHash(SignedNote.SigningDigest(body).ToArray())));
    }

    /// <summary>The request for it, with the proof that this history has.</summary>
    public string Request(Digest[] leaves, int old, int size) => Body(old, Proof(leaves, old, size), Note(leaves, size));

    public static string Body(long old, IEnumerable<Digest> proof, string note)
        => $"old {old}\n{string.Concat(proof.Select(one => Convert.ToBase64String(one.ToArray()) + "\n"))}\n{note}";

    /// <summary>RFC 6962 §2.1.2, as it is defined.</summary>
    public static IReadOnlyList<Digest> Proof(Digest[] leaves, int old, int size)
        => old == 0 || old == size ? [] : Sub(old, leaves.AsSpan(0, size), whole: true);

    public async Task StartAsync()
    {
        process = await ChildProcess.StartAsync(new ChildStart("dotnet", Path.Combine(AppContext.BaseDirectory, "notary.dll"),
            "witness", "serve", "--key-file", KeyFile, "--state", State, "--listen", "127.0.0.1:0")
        {
            Ready = (child, _) => Task.FromResult(child.StandardOutput.Contains(" on http", StringComparison.Ordinal)),
        });
        Url = new Uri(process.StandardOutput.Split(" on ")[1].Trim());
    }

    /// <summary>SIGKILL, waited for.</summary>
    public async Task KillAsync()
    {
        var killed = process!;
        process = null;
        killed.Kill();
        await killed.WaitForExitAsync();
        await killed.DisposeAsync();
    }

    public async Task<(HttpStatusCode Status, string Body, string? Type)> AskAsync(string request, string path = "add-checkpoint")
    {
        using var content = new StringContent(request);
        using var answer = await Http.PostAsync(new Uri(Url!, path), content);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer.Content.Headers.ContentType?.MediaType);
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await process.DisposeAsync();

        logKey.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static List<Digest> Sub(int old, ReadOnlySpan<Digest> leaves, bool whole)
    {
        if (old == leaves.Length)
            return whole ? [] : [Merkle.Root(leaves)];

        var split = 1;
        while (2 * split < leaves.Length)
            split *= 2;

        return old <= split
            ? [.. Sub(old, leaves[..split], whole), Merkle.Root(leaves[split..])]
            : [.. Sub(old - split, leaves[split..], whole: false), Merkle.Root(leaves[..split])];
    }
}
