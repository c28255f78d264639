namespace Notary.Bench;

/// <summary>The app as it was before Durable Task and the Functions worker: built once from its commit, a peer that does the same work.</summary>
internal static class FormerBuild
{
    private const string Commit = "6f9f9a5";

    /// <returns>The built program.</returns>
    public static async Task<string> ExecutableAsync()
    {
        var folder = Path.Combine(Repository.Root, "tests", "Bench", "bin", Commit);
        var built = Path.Combine(folder, "functions", "Host", "bin", "Release", "net10.0", "Notary.Host");
        if (File.Exists(built))
            return built;

        await Console.Error.WriteLineAsync($"building the app of commit {Commit} once, as the peer");
        Directory.CreateDirectory(folder);
        var archive = Path.Combine(folder, "tree.tar");
        await Shell.RunAsync("git", "-C", Repository.Root, "archive", "--output", archive, Commit, "--", ".", ":(exclude)tests");
        await Shell.RunAsync("tar", "-xf", archive, "-C", folder);
        File.Delete(archive);
        await Shell.RunAsync("dotnet", "build", Path.Combine(folder, "functions", "Host"), "-c", "Release", "--nologo", "--verbosity", "quiet");
        return built;
    }
}
