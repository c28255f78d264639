using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Notary.Verification.Ethereum;

namespace Notary.Chain.Tests;

/// <summary>Who writes and who judges share notations and no code that hashes, encodes or computes (docs/decisions/0010).</summary>
[TestClass]
public sealed class SharedCodeTests
{
    [TestMethod]
    public void The_writer_uses_none_of_the_judges_cryptography_and_encodings()
    {
        using var file = new PEReader(File.OpenRead(typeof(AnchorSender).Assembly.Location));
        var metadata = file.GetMetadataReader();
        var used = metadata.TypeReferences.Select(metadata.GetTypeReference)
            .Where(t => metadata.GetString(t.Namespace) == typeof(Address).Namespace)
            .Select(t => metadata.GetString(t.Name)).Order(StringComparer.Ordinal).ToArray();
        CollectionAssert.AreEqual(new[] { nameof(Address), nameof(AnchorProof), nameof(Hex) }, used);
    }

    [TestMethod]
    public void The_judge_needs_none_of_the_writers_packages()
    {
        foreach (var judge in new[] { typeof(Address).Assembly, typeof(AnchorVerifier).Assembly })
        {
            var foreign = judge.GetReferencedAssemblies().Select(a => a.Name!)
                .Where(name => !name.StartsWith("System.", StringComparison.Ordinal) && !name.StartsWith("Notary.", StringComparison.Ordinal));
            Assert.AreEqual("", string.Join(' ', foreign), judge.FullName);
        }
    }
}
