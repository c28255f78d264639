using Notary.Verification.Tests;

namespace Notary.Pages.Tests;

/// <summary>The console's own SHA-256.</summary>
[TestClass]
public sealed class HashTests
{
    [TestMethod]
    public void ItIsSha256AtEveryLength()
        => Assert.AreEqual("606", NodeForge.Lines(Path.Combine(Repository.Root, "tests", "Doors", "Console", "sha256.mjs")).Single());
}
