namespace Notary.Evidence.Tests.Ethereum;

internal static class EthereumVectors
{
    public static JsonElement Load(string name) => JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(TestFiles.Vector(Path.Combine("ethereum", name))));

    public static string Text(this JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
