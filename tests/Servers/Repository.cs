namespace Notary.Servers;

/// <summary>Where the working copy is, found from the test's or server's own folder.</summary>
public static class Repository
{
    /// <summary>The folder that holds Notary.Serverless.sln.</summary>
    public static string Root { get; } = Find();

    /// <summary>An executable that npm installed under scripts/.</summary>
    public static string NodeTool(string name)
    {
        var path = Path.Combine(Root, "scripts", "node_modules", ".bin", name);
        return File.Exists(path) ? path : throw new FileNotFoundException($"{name} is missing: run npm ci in scripts/", path);
    }

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Notary.Serverless.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException("no folder above this one holds Notary.Serverless.sln");
    }
}
