namespace Notary.Evidence.Tests;

internal static class TestFiles
{
    public static string Root { get; } = Find();

    public static string Vector(string name) => Path.Combine(Root, "tests", "Core", "Evidence", "Vectors", name);

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Notary.Serverless.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("not inside the repository");

        return folder;
    }
}
