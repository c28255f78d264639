using System.Diagnostics;

namespace Notary.Verification.Tests;

/// <summary>An unpacked bundle in a folder of its own, and its VERIFY.txt run as a stranger would run it.</summary>
internal sealed class RecipeFolder : IDisposable
{
    private static readonly Dictionary<string, string> Nothing = [];

    private readonly DirectoryInfo above = Directory.CreateTempSubdirectory("recipe-");

    public RecipeFolder(IReadOnlyDictionary<string, byte[]> members)
    {
        foreach (var (name, bytes) in members)
            Write(name, bytes);
    }

    /// <summary>Where the members are.</summary>
    public string Place => Path.Combine(above.FullName, "bundle");

    /// <summary>The members as they are, under a list of digests that fits them: what a forger would hand out.</summary>
    public static Dictionary<string, byte[]> Relisted(Dictionary<string, byte[]> members)
    {
        var lines = members.Where(m => m.Key != BundleMembers.Recipe).OrderBy(m => BundleMembers.Order(m.Key))
            .Select(m => $"# {Digest.Of(m.Value)}  {m.Key}\n");
        return new(members) { [BundleMembers.Recipe] = Encoding.UTF8.GetBytes(VerifyRecipe.Script + string.Concat(lines)) };
    }

    /// <summary>Writes a member, or a file beside the folder with <c>../</c>.</summary>
    public void Write(string name, byte[] bytes)
    {
        var path = Path.Combine(Place, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
    }

    /// <summary>Runs the recipe; the exit status and all that it said, its errors first.</summary>
    public async Task<(int Exit, string Output)> RunAsync(
        string[] arguments, Dictionary<string, string>? environment = null, string script = BundleMembers.Recipe)
    {
        var start = new ProcessStartInfo("sh", [script, .. arguments])
        {
            WorkingDirectory = Place,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("RPC");
        foreach (var (name, value) in environment ?? Nothing)
            start.Environment[name] = value;

        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await error + await output);
    }

    public static string Last(string output) => output.TrimEnd().Split('\n')[^1];

    public void Dispose() => above.Delete(recursive: true);
}
